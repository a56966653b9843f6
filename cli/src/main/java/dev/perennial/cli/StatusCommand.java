package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.cli.Rows.Column;
import dev.perennial.client.PerennialClient;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

/** The server and its models at a glance. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = "Shows the server, its processes and its models at a glance.",
        footer = {
            "",
            "Examples:",
            "  perennial status",
            "  perennial status --server http://127.0.0.1:7400 --output json"
        })
final class StatusCommand extends CliCommand {
    /** One that is too old for some versions does not serve them, which people should know. */
    private static String scorer(JsonNode scorer) {
        String pid = scorer.path("standalone").asBoolean()
                ? "standalone on " + Rows.text(scorer.path("host"))
                : "pid " + Rows.text(scorer.path("pid"));
        String text = Rows.text(scorer.path("state")) + " at " + Rows.text(scorer.path("url")) + ", " + pid + ", build "
                + Rows.text(scorer.path("build")) + ", protocol " + Rows.text(scorer.path("protocol")) + ", revision "
                + Rows.text(scorer.path("revision"));
        long lag = scorer.path("lag").asLong();
        List<String> out = Unserved.versions(scorer);
        return text
                + (lag > 0 ? " (" + lag + " behind)" : "")
                + (out.isEmpty() ? "" : "; too old for " + String.join(", ", out) + ", " + Unserved.advice(scorer))
                + Unserved.environments(scorer).stream()
                        .map(sentence -> "; " + sentence)
                        .collect(Collectors.joining());
    }

    @Override
    Integer execute() {
        PerennialClient client = client();
        JsonNode status = client.status();
        List<JsonNode> models = client.models();
        List<JsonNode> endpoints = client.endpoints();
        if (json()) {
            ObjectNode answer = new ObjectMapper().createObjectNode();
            answer.set("server", status);
            answer.set("models", Rows.list(models).get("items"));
            answer.set("endpoints", Rows.list(endpoints).get("items"));
            terminal().json(answer);
            return ExitCode.OK;
        }
        List<List<String>> facts = new ArrayList<>();
        facts.add(List.of("server", client.server() + (status.path("ready").asBoolean() ? ", ready" : ", not ready")));
        facts.add(List.of("version", Rows.text(status.path("version"))));
        facts.add(List.of("data", Rows.text(status.path("dataDir"))));
        facts.add(List.of("started", Terminal.time(status.path("startedAt"))));
        status.path("scorers")
                .forEach(scorer ->
                        facts.add(List.of("scorer " + scorer.path("id").asText(), scorer(scorer))));
        status.path("workers")
                .forEach(worker -> facts.add(List.of(
                        "worker",
                        worker.path("state").asText() + ", run " + Rows.text(worker.path("run")) + ", pid "
                                + Rows.text(worker.path("pid")))));
        terminal().facts(facts);
        terminal().line("");
        if (!models.isEmpty() || endpoints.isEmpty()) {
            models(models);
        }
        if (!endpoints.isEmpty()) {
            Rows.print(
                    this,
                    endpoints,
                    "",
                    Column.of("ENDPOINT", "name"),
                    Column.of("STATE", "state"),
                    new Column("VERSIONS", TrafficCommands::variants));
        }
        return ExitCode.OK;
    }

    private void models(List<JsonNode> models) {
        Rows.print(
                this,
                models,
                "no model yet; 'perennial apply LIFECYCLE' makes one, 'perennial deploy' serves a registered version",
                Column.of("MODEL", "model"),
                Column.of("STATE", "state"),
                Column.of("CHAMPION", "champion"),
                Column.of("CANDIDATE", "candidate"),
                Column.of("ALERTS", "openAlerts"),
                Column.time("CLOCK", "clock"));
    }
}
