package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.cli.Rows.Column;
import dev.perennial.client.ClientException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Everything about one endpoint. */
@Command(
        name = "show",
        mixinStandardHelpOptions = true,
        description = "Shows an endpoint: its versions, how it reads and logs, who serves it, what was deployed.",
        footer = {"", "Examples:", "  perennial endpoints show churn"})
final class EndpointShowCommand extends CliCommand {
    private static final double BASIS_POINTS = 10_000;

    @Parameters(paramLabel = "ENDPOINT", description = "The endpoint.")
    private String endpoint = "";

    @Override
    Integer execute() {
        JsonNode answer = client().endpoint(endpoint);
        if (json()) {
            terminal().json(answer);
            return ExitCode.OK;
        }
        head(answer);
        variants(answer);
        scorers(answer);
        deployments(answer);
        tallies();
        return ExitCode.OK;
    }

    private void head(JsonNode answer) {
        JsonNode settings = answer.path("settings");
        String standing =
                answer.path("name").asText() + ": " + answer.path("state").asText() + " in project "
                        + answer.path("project").asText();
        boolean lifecycle = answer.path("origin").asText().equals("lifecycle");
        terminal().line(standing + (answer.path("default").asBoolean() ? ", answers /invocations" : ""));
        terminal()
                .line(
                        lifecycle
                                ? "Kept by the lifecycle file of its model."
                                : "Made by " + Rows.text(answer.path("createdBy")) + ".");
        terminal()
                .line("Key " + texts(answer.path("key")) + ", mode "
                        + settings.path("mode").asText() + ", log " + log(settings.path("log")) + ", fallback "
                        + fallback(settings.path("fallback")) + ".");
    }

    /** What is kept of a prediction, of how many of them, and which columns never are. */
    private static String log(JsonNode log) {
        double share = log.path("share").asDouble(1);
        String of = share < 1
                ? " of " + TrafficCommands.percent((int) Math.round(share * BASIS_POINTS)) + "% of the rows"
                : "";
        String without = log.path("redact").isEmpty() ? "" : " without " + texts(log.path("redact"));
        return log.path("inputs").asText("all") + of + without;
    }

    private static String fallback(JsonNode fallback) {
        return fallback.isObject()
                ? fallback.path("version").isTextual() ? fallback.get("version").asText() : fallback.toString()
                : "none";
    }

    private void variants(JsonNode answer) {
        Rows.print(
                this,
                Rows.items(answer.path("variants")),
                "No version yet; 'perennial deploy models:/NAME/3 --endpoint " + endpoint + "' brings one.",
                Column.of("VERSION", "version"),
                Column.of("ROLE", "role"),
                new Column(
                        "SHARE",
                        one -> TrafficCommands.percent(one.path("weight").asInt()) + "%"),
                Column.of("FORMAT", "format"),
                new Column("ADMISSION", one -> admission(one.path("admission"))));
    }

    private void scorers(JsonNode answer) {
        Rows.print(
                this,
                Rows.items(answer.path("scorers")),
                "No scorer has ever asked.",
                Column.of("SCORER", "id"),
                Column.of("URL", "url"),
                Column.of("ALIVE", "alive"),
                Column.of("CURRENT", "current"));
    }

    private void deployments(JsonNode answer) {
        if (!answer.path("deployments").isEmpty()) {
            Rows.print(
                    this,
                    Rows.items(answer.path("deployments")),
                    "",
                    Column.of("DEPLOYED", "version"),
                    Column.of("STATE", "state"),
                    Column.of("BY", "by"),
                    Column.time("STARTED", "startedAt"),
                    Column.of("MESSAGE", "message"));
        }
    }

    /** Nothing where every row is in the log. */
    private void tallies() {
        List<JsonNode> sums;
        try {
            sums = Rows.items(client().tallies(endpoint).path("sums"));
        } catch (ClientException e) {
            return; // a server of an older release tells none
        }
        if (!sums.isEmpty()) {
            Rows.print(
                    this,
                    sums,
                    "",
                    Column.of("COUNTED IN A DAY", "version"),
                    Column.of("ROLE", "role"),
                    Column.of("ANSWERED", "answered"),
                    Column.of("LOGGED", "logged"),
                    Column.of("SHARE", "share"),
                    Column.of("FAILED CALLS", "errors"));
        }
    }

    private static String admission(JsonNode admission) {
        return admission.isObject() ? admission.path("verdict").asText() : "by service";
    }

    private static String texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(one -> texts.add(one.asText()));
        return texts.isEmpty() ? "none" : String.join(", ", texts);
    }
}
