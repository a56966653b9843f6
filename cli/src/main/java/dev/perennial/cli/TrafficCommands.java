package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** How people move the traffic of an endpoint; each is one command, recorded with its reason. */
final class TrafficCommands {
    private static final double BASIS_POINTS_PER_PERCENT = 100;
    private static final double PERCENT_MAX = 100;
    private static final double ROUNDING = 1e-6;
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./=%:@+,-]+");

    private TrafficCommands() {}

    /** An act on an endpoint with a reason. */
    abstract static class OnEndpoint extends CliCommand {
        @Parameters(index = "0", paramLabel = "ENDPOINT", description = "The endpoint, from 'perennial endpoints'.")
        String endpoint = "";

        @Option(names = "--reason", paramLabel = "TEXT", required = true, description = "Why; it is recorded.")
        String reason = "";

        ObjectNode body() {
            return new ObjectMapper().createObjectNode().put("reason", reason);
        }
    }

    /** Which version gets what now, and whether all scorers follow. */
    static void print(CliCommand command, JsonNode answer) {
        if (command.json()) {
            command.terminal().json(answer);
            return;
        }
        command.terminal().line(answer.path("name").asText() + ": " + variants(answer));
        if (answer.path("served").isBoolean() && !answer.get("served").asBoolean()) {
            command.terminal().line("Note: " + answer.path("serving").asText() + ".");
        }
    }

    /** The variants of an endpoint in one line. */
    static String variants(JsonNode endpoint) {
        List<String> texts = new ArrayList<>();
        endpoint.path("variants")
                .forEach(variant -> texts.add(String.format(
                        Locale.ROOT,
                        "%s %s %s%%",
                        variant.path("role").asText(),
                        variant.path("version").asText(),
                        percent(variant.path("weight").asInt()))));
        return texts.isEmpty() ? "no version yet" : String.join(", ", texts);
    }

    /** A word as a shell takes it: in quotes when there is anything in it that a shell would change. */
    static String word(String text) {
        return PLAIN.matcher(text).matches() ? text : '"' + text.replaceAll("([\"\\\\$`])", "\\\\$1") + '"';
    }

    /** A share in percent. */
    static String percent(int basisPoints) {
        double percent = basisPoints / BASIS_POINTS_PER_PERCENT;
        return basisPoints % BASIS_POINTS_PER_PERCENT == 0
                ? String.format(Locale.ROOT, "%.0f", percent)
                : String.format(Locale.ROOT, "%.2f", percent);
    }

    /** Basis points of a share that people write in percent. */
    static int basisPoints(String text) {
        try {
            double percent = Double.parseDouble(text.endsWith("%") ? text.substring(0, text.length() - 1) : text);
            if (percent >= 0 && percent <= PERCENT_MAX) {
                return whole(text, percent * BASIS_POINTS_PER_PERCENT);
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new CommandFailure(ExitCode.USAGE, "share '" + text + "' is no percentage from 0 to 100");
    }

    private static int whole(String text, double basisPoints) {
        long rounded = Math.round(basisPoints);
        if (Math.abs(basisPoints - rounded) > ROUNDING) {
            throw new CommandFailure(ExitCode.USAGE, "share '" + text + "' is finer than 0.01%, the smallest there is");
        }
        return (int) rounded;
    }

    @Command(
            name = "promote",
            mixinStandardHelpOptions = true,
            description = "Gives a version of an endpoint all traffic; the champion before stays warm for a rollback.",
            footer = {"", "Examples:", "  perennial promote churn iris/4 --reason 'better on all segments'"})
    static final class Promote extends OnEndpoint {
        @Parameters(
                index = "1",
                arity = "0..1",
                paramLabel = "VERSION",
                description = "The version (default: the one candidate that there is).")
        @Nullable
        private String version;

        @Override
        Integer execute() {
            ObjectNode body = body();
            if (version != null) {
                body.put("version", version);
            }
            print(this, client().onEndpoint(endpoint, "promote", body));
            return ExitCode.OK;
        }
    }

    @Command(
            name = "weights",
            mixinStandardHelpOptions = true,
            description = "Gives candidates of an endpoint shares of its traffic; the champion takes what they leave.",
            footer = {"", "Examples:", "  perennial weights churn iris/4=10%% --reason 'first callers'"})
    static final class Weights extends OnEndpoint {
        @Parameters(
                index = "1..*",
                arity = "1..*",
                paramLabel = "VERSION=PERCENT",
                description = "A candidate and its share; 0 gives it copies of calls and no caller.")
        private List<String> shares = List.of();

        @Override
        Integer execute() {
            ObjectNode body = body();
            ArrayNode weights = body.putArray("weights");
            for (String share : shares) {
                int equals = share.lastIndexOf('=');
                if (equals < 1) {
                    throw new CommandFailure(
                            ExitCode.USAGE, "'" + share + "' must look like VERSION=PERCENT, for example iris/4=10%");
                }
                weights.addObject()
                        .put("version", share.substring(0, equals))
                        .put("weight", basisPoints(share.substring(equals + 1)));
            }
            print(this, client().onEndpoint(endpoint, "weights", body));
            return ExitCode.OK;
        }
    }
}
