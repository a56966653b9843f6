package dev.perennial.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.cli.Rows.Column;
import dev.perennial.kernel.JsonWords;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Where models answer. */
@Command(
        name = "endpoints",
        mixinStandardHelpOptions = true,
        description = "Lists endpoints: where models answer, and which versions share the traffic.",
        subcommands = {
            EndpointsCommand.Listing.class,
            EndpointShowCommand.class,
            EndpointsCommand.Create.class,
            EndpointsCommand.Change.class,
            EndpointsCommand.Delete.class,
            EndpointsCommand.Remove.class,
            EndpointsCommand.Default.class
        },
        footer = {
            "",
            "Examples:",
            "  perennial endpoints",
            "  perennial endpoints show churn",
            "  perennial endpoints create churn --key customer --reason 'churn scores'",
            "  perennial endpoints delete churn --yes --reason 'moved to churn-2'"
        })
final class EndpointsCommand extends CliCommand {
    @Override
    Integer execute() {
        return list(this);
    }

    private static Integer list(CliCommand command) {
        Rows.print(
                command,
                command.client().endpoints(),
                "no endpoint yet; a model gets one with its first champion, and 'perennial deploy' makes one",
                Column.of("ENDPOINT", "name"),
                new Column("VARIANTS", TrafficCommands::variants),
                Column.of("RECORDS", "records"),
                Column.of("URL", "url"));
        return ExitCode.OK;
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Lists endpoints.",
            footer = {"", "Examples:", "  perennial endpoints list --output json"})
    static final class Listing extends CliCommand {
        @Override
        Integer execute() {
            return list(this);
        }
    }

    /** What can be said of an endpoint. */
    abstract static class Declaring extends TrafficCommands.OnEndpoint {
        @Option(
                names = "--key",
                paramLabel = "COLUMN",
                split = ",",
                description = "Columns that form the prediction id.")
        @Nullable
        private List<String> key;

        @Option(names = "--mode", paramLabel = "MODE", description = "strict or mlflow: how /invocations casts values.")
        @Nullable
        private String mode;

        @Option(
                names = "--log-inputs",
                paramLabel = "WHAT",
                description = "all, outputs or none: what the prediction log keeps.")
        @Nullable
        private String inputs;

        @Option(names = "--log-share", paramLabel = "SHARE", description = "Share of predictions that are logged.")
        @Nullable
        private Double logShare;

        @Option(
                names = "--redact",
                paramLabel = "COLUMN",
                split = ",",
                description = "Columns whose values are never logged.")
        @Nullable
        private List<String> redact;

        @Option(
                names = "--fallback",
                paramLabel = "WHAT",
                description =
                        "A version, a number, or JSON such as {\"outputs\": {\"label\": \"unknown\"}} that answers when the"
                                + " champion fails; none for nobody.")
        @Nullable
        private String fallback;

        ObjectNode declared() {
            ObjectNode body = body();
            if (key != null) {
                ArrayNode columns = body.putArray("key");
                key.stream().filter(column -> !column.isEmpty()).forEach(columns::add);
            }
            if (mode != null) {
                body.put("mode", mode);
            }
            if (inputs != null || logShare != null || redact != null) {
                ObjectNode log = body.putObject("log");
                if (inputs != null) {
                    log.put("inputs", inputs);
                }
                if (logShare != null) {
                    log.put("share", logShare);
                }
                if (redact != null) {
                    redact.forEach(log.putArray("redact")::add);
                }
            }
            if (fallback != null) {
                fallback(body, fallback);
            }
            return body;
        }

        private static JsonNode parsed(String fallback) {
            try {
                return new ObjectMapper().readTree(fallback);
            } catch (JsonProcessingException e) {
                throw new CommandFailure(
                        ExitCode.USAGE, "fallback '" + fallback + "' is no JSON: " + JsonWords.why(e), e);
            }
        }

        private static void fallback(ObjectNode body, String fallback) {
            if (fallback.equals("none")) {
                body.putNull("fallback");
            } else if (fallback.startsWith("{")) {
                body.set("fallback", parsed(fallback));
            } else if (fallback.contains("/")) {
                body.putObject("fallback").put("version", fallback);
            } else {
                try {
                    body.putObject("fallback").putArray("constant").add(Double.parseDouble(fallback));
                } catch (NumberFormatException e) {
                    throw new CommandFailure(
                            ExitCode.USAGE,
                            "fallback '" + fallback + "' is neither a version (MODEL/NUMBER), a number nor none",
                            e);
                }
            }
        }
    }

    @Command(
            name = "create",
            mixinStandardHelpOptions = true,
            description = "Makes an endpoint without versions.",
            footer = {"", "Examples:", "  perennial endpoints create churn --key customer --reason 'churn scores'"})
    static final class Create extends Declaring {
        @Override
        Integer execute() {
            TrafficCommands.print(this, client().createEndpoint(declared().put("name", endpoint)));
            return ExitCode.OK;
        }
    }

    @Command(
            name = "change",
            mixinStandardHelpOptions = true,
            description = "Changes what is said of an endpoint; the rest stays.",
            footer = {"", "Examples:", "  perennial endpoints change churn --mode mlflow --reason 'old callers'"})
    static final class Change extends Declaring {
        @Override
        Integer execute() {
            TrafficCommands.print(this, client().changeEndpoint(endpoint, declared()));
            return ExitCode.OK;
        }
    }

    @Command(
            name = "delete",
            mixinStandardHelpOptions = true,
            description = "Takes an endpoint away; its log stays, and its name stays with its project.",
            footer = {"", "Examples:", "  perennial endpoints delete churn --yes --reason 'moved to churn-2'"})
    static final class Delete extends TrafficCommands.OnEndpoint {
        @Option(names = "--yes", description = "Callers of its champion will be refused, and that is meant.")
        private boolean yes;

        @Override
        Integer execute() {
            client().deleteEndpoint(endpoint, reason, yes);
            if (json()) {
                terminal().json(new ObjectMapper().createObjectNode());
            } else {
                terminal().line("endpoint " + endpoint + " is gone; its log stays");
            }
            return ExitCode.OK;
        }
    }

    @Command(
            name = "remove",
            mixinStandardHelpOptions = true,
            description = "Takes a version that is not the champion out of an endpoint.",
            footer = {"", "Examples:", "  perennial endpoints remove churn iris/4 --reason 'too slow'"})
    static final class Remove extends TrafficCommands.OnEndpoint {
        @Parameters(index = "1", paramLabel = "VERSION", description = "The version.")
        private String version = "";

        @Override
        Integer execute() {
            TrafficCommands.print(this, client().onEndpoint(endpoint, "remove", body().put("version", version)));
            return ExitCode.OK;
        }
    }

    @Command(
            name = "default",
            mixinStandardHelpOptions = true,
            description = "Lets an endpoint answer /invocations without a name, for all who call it.",
            footer = {"", "Examples:", "  perennial endpoints default churn --reason 'clients of mlflow models serve'"})
    static final class Default extends TrafficCommands.OnEndpoint {
        @Option(names = "--off", description = "It stops to.")
        private boolean off;

        @Override
        Integer execute() {
            JsonNode answer = client().onEndpoint(endpoint, "default", body().put("on", !off));
            if (json()) {
                terminal().json(answer);
            } else {
                terminal().line(off ? "no endpoint answers /invocations" : endpoint + " answers /invocations");
            }
            return ExitCode.OK;
        }
    }
}
