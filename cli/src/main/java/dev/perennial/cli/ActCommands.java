package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.VersionId;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What a person does to a model; each is one command, recorded with its reason. */
final class ActCommands {
    private ActCommands() {}

    /** An act on a model with a reason. */
    abstract static class Act extends CliCommand {
        @Parameters(paramLabel = "MODEL", description = "The model; MODEL@REPLAY inside a replay.")
        String model = "";

        @Option(names = "--reason", paramLabel = "TEXT", required = true, description = "Why; it is recorded.")
        String reason = "";

        abstract String action();

        @Override
        Integer execute() {
            print(this, client().act(model, action(), reason), action() + " " + model + ": done");
            return ExitCode.OK;
        }

        static void print(CliCommand command, JsonNode answer, String done) {
            Terminal terminal = command.terminal();
            if (command.json()) {
                terminal.json(answer);
            } else {
                terminal.line(
                        answer.path("title").isTextual()
                                ? answer.get("title").asText() + ". "
                                        + answer.path("text").asText()
                                : done);
                if (answer.path("served").isBoolean() && !answer.get("served").asBoolean()) {
                    terminal.line("Note: " + answer.path("serving").asText() + ".");
                }
            }
        }
    }

    @Command(
            name = "rollback",
            mixinStandardHelpOptions = true,
            description = "Gives the traffic of a model or an endpoint back to the version that served before.",
            footer = {"", "Examples:", "  perennial rollback flight-delay --reason 'complaints from operations'"})
    static final class Rollback extends CliCommand {
        @Parameters(paramLabel = "ENDPOINT", description = "The endpoint; of a lifecycle file its model.")
        private String endpoint = "";

        @Option(names = "--reason", paramLabel = "TEXT", required = true, description = "Why; it is recorded.")
        private String reason = "";

        @Option(
                names = "--to",
                paramLabel = "VERSION",
                description =
                        "The version that it shall lead to, such as iris/3; refused when it would lead elsewhere.")
        @Nullable
        private String to;

        @Override
        Integer execute() {
            ObjectNode body = new ObjectMapper().createObjectNode().put("reason", reason);
            if (to != null) {
                body.put("version", to);
            }
            JsonNode answer = client().onEndpoint(endpoint, "rollback", body);
            if (answer.has("variants") && !json()) {
                TrafficCommands.print(this, answer);
            } else {
                Act.print(this, answer, "rollback " + endpoint + ": done");
            }
            return ExitCode.OK;
        }
    }

    @Command(
            name = "pause",
            mixinStandardHelpOptions = true,
            description = "Stops the loop from making and promoting candidates; serving goes on.",
            footer = {"", "Examples:", "  perennial pause flight-delay --reason 'holiday season'"})
    static final class Pause extends Act {
        @Override
        String action() {
            return "pause";
        }
    }

    @Command(
            name = "resume",
            mixinStandardHelpOptions = true,
            description = "Lets a paused loop go on.",
            footer = {"", "Examples:", "  perennial resume flight-delay --reason 'season is over'"})
    static final class Resume extends Act {
        @Override
        String action() {
            return "resume";
        }
    }

    @Command(
            name = "abort",
            mixinStandardHelpOptions = true,
            description = "Ends the rollout under way; the champion keeps all traffic.",
            footer = {"", "Examples:", "  perennial abort flight-delay --reason 'wrong training data'"})
    static final class Abort extends Act {
        @Override
        String action() {
            return "abort";
        }
    }

    @Command(
            name = "sign",
            mixinStandardHelpOptions = true,
            description = "Signs a version that the gates sent to review. The name is recorded and not authenticated.",
            footer = {
                "",
                "Examples:",
                "  perennial sign flight-delay/7 --actor maria --reason 'new feature explains the gain'"
            })
    static final class Sign extends CliCommand {
        @Parameters(paramLabel = "MODEL/VERSION", description = "The version, for example flight-delay/7.")
        String version = "";

        @Option(names = "--reason", paramLabel = "TEXT", required = true, description = "Why; it is recorded.")
        String reason = "";

        @Override
        Integer execute() {
            VersionId id = VersionId.parse(version);
            JsonNode answer = client().sign(id.model().toString(), id.number(), reason);
            if (json()) {
                terminal().json(answer);
            } else {
                terminal().line("signed " + id + " as " + actor() + " (the name is not authenticated)");
            }
            return ExitCode.OK;
        }
    }
}
