package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.cli.Rows.Column;
import dev.perennial.client.PerennialClient;
import java.util.ArrayList;
import java.util.List;
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
    @Override
    Integer execute() {
        PerennialClient client = client();
        JsonNode status = client.status();
        List<JsonNode> models = client.models();
        if (json()) {
            ObjectNode answer = new ObjectMapper().createObjectNode();
            answer.set("server", status);
            answer.set("models", Rows.list(models).get("items"));
            terminal().json(answer);
            return ExitCode.OK;
        }
        List<List<String>> facts = new ArrayList<>();
        facts.add(List.of("server", client.server() + (status.path("ready").asBoolean() ? ", ready" : ", not ready")));
        facts.add(List.of("version", Rows.text(status.path("version"))));
        facts.add(List.of("data", Rows.text(status.path("dataDir"))));
        facts.add(List.of("started", Terminal.time(status.path("startedAt"))));
        status.path("scorers")
                .forEach(scorer -> facts.add(List.of(
                        "scorer " + scorer.path("id").asText(),
                        Rows.text(scorer.path("state")) + " at " + Rows.text(scorer.path("url")) + ", pid "
                                + Rows.text(scorer.path("pid")))));
        status.path("workers")
                .forEach(worker -> facts.add(List.of(
                        "worker",
                        worker.path("state").asText() + ", run " + Rows.text(worker.path("run")) + ", pid "
                                + Rows.text(worker.path("pid")))));
        terminal().facts(facts);
        terminal().line("");
        Rows.print(
                this,
                models,
                "no model yet; 'perennial apply LIFECYCLE' makes one",
                Column.of("MODEL", "model"),
                Column.of("STATE", "state"),
                Column.of("CHAMPION", "champion"),
                Column.of("CANDIDATE", "candidate"),
                Column.of("ALERTS", "openAlerts"),
                Column.time("CLOCK", "clock"));
        return ExitCode.OK;
    }
}
