package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.perennial.client.ClientException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/** Lists the processes of a data directory, also when its server does not answer. */
@Command(
        name = "ps",
        mixinStandardHelpOptions = true,
        description = "Lists the live processes of a data directory: server, scorers, workers.",
        footer = {"", "Examples:", "  perennial ps", "  perennial ps --data-dir /srv/perennial --output json"})
final class PsCommand extends CliCommand {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    @Override
    Integer execute() {
        List<List<String>> rows = new ArrayList<>();
        ServerProcess server = ServerProcess.running(dataDir()).orElse(null);
        Map<String, JsonNode> scorers = server == null ? Map.of() : scorers();
        if (server != null) {
            rows.add(List.of(
                    "server", "-", Long.toString(server.pid()), server.url().toString(), ""));
        }
        for (ChildProcess child : ChildProcess.of(dataDir())) {
            JsonNode scorer = child.kind().equals("scorer") ? scorers.get(child.name()) : null;
            String pid = Long.toString(child.mark().pid());
            rows.add(List.of(
                    child.kind(),
                    child.name(),
                    pid,
                    scorer == null ? "" : scorer.path("url").asText(),
                    scorer == null ? "" : note(scorer)));
        }
        if (json()) {
            ArrayNode items = new ObjectMapper().createArrayNode();
            rows.forEach(row -> items.addObject()
                    .put("kind", row.get(0))
                    .put("name", row.get(1))
                    .put("pid", Long.parseLong(row.get(2)))
                    .put("url", row.get(3))
                    .put("note", row.get(4)));
            terminal().json(new ObjectMapper().createObjectNode().set("items", items));
        } else if (rows.isEmpty()) {
            terminal().line("nothing runs on " + dataDir());
        } else {
            terminal().table(List.of("KIND", "NAME", "PID", "ADDRESS", "NOTE"), rows);
        }
        return ExitCode.OK;
    }

    /** What the server knows of its scorers; nothing when it does not tell. */
    private Map<String, JsonNode> scorers() {
        Map<String, JsonNode> scorers = new HashMap<>();
        try {
            client(PATIENCE)
                    .status()
                    .path("scorers")
                    .forEach(scorer -> scorers.put(scorer.path("id").asText(), scorer));
        } catch (ClientException e) {
            return Map.of(); // the processes are what was asked for
        }
        return scorers;
    }

    private static String note(JsonNode scorer) {
        List<String> versions = OldScorers.versions(scorer);
        return versions.isEmpty()
                ? ""
                : "too old (protocol " + scorer.path("protocol").asInt() + ") for " + String.join(", ", versions) + "; "
                        + OldScorers.advice(scorer);
    }
}
