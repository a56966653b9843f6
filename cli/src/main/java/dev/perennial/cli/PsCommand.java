package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.perennial.client.ClientException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;

/** Lists the processes of a data directory, also when its server does not answer. */
@Command(
        name = "ps",
        mixinStandardHelpOptions = true,
        description = "Lists the live processes of a data directory: server, scorers, workers.",
        footer = {"", "Examples:", "  perennial ps", "  perennial ps --data-dir /srv/perennial --output json"})
final class PsCommand extends CliCommand {
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    /** In place of the process of a scorer that the server did not start, which may be on any machine. */
    private static final String ELSEWHERE = "-";

    @Override
    Integer execute() {
        List<List<String>> rows = new ArrayList<>();
        ServerProcess server = ServerProcess.running(dataDir()).orElse(null);
        Map<String, JsonNode> scorers = server == null ? new TreeMap<>() : scorers();
        if (server != null) {
            rows.add(List.of(
                    "server", "-", Long.toString(server.pid()), server.url().toString(), ""));
        }
        for (ChildProcess child : ChildProcess.of(dataDir())) {
            JsonNode scorer = child.kind().equals("scorer") ? scorers.remove(child.name()) : null;
            String pid = Long.toString(child.mark().pid());
            rows.add(List.of(
                    child.kind(),
                    child.name(),
                    pid,
                    scorer == null ? "" : scorer.path("url").asText(),
                    scorer == null ? "" : note(scorer)));
        }
        scorers.values().stream()
                .filter(scorer -> scorer.path("alive").asBoolean()
                        && scorer.path("standalone").asBoolean())
                .forEach(scorer -> rows.add(List.of(
                        "scorer",
                        scorer.path("id").asText(),
                        ELSEWHERE,
                        scorer.path("url").asText(),
                        note(scorer))));
        if (json()) {
            ArrayNode items = new ObjectMapper().createArrayNode();
            rows.forEach(row -> items.addObject()
                    .put("kind", row.get(0))
                    .put("name", row.get(1))
                    .put("pid", row.get(2).equals(ELSEWHERE) ? null : (Long) Long.parseLong(row.get(2)))
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
        Map<String, JsonNode> scorers = new TreeMap<>();
        try {
            client(PATIENCE)
                    .status()
                    .path("scorers")
                    .forEach(scorer -> scorers.put(scorer.path("id").asText(), scorer));
        } catch (ClientException e) {
            return scorers; // the processes are what was asked for
        }
        return scorers;
    }

    private static String note(JsonNode scorer) {
        List<String> notes = new ArrayList<>();
        List<String> versions = Unserved.versions(scorer);
        if (!versions.isEmpty()) {
            notes.add("too old (protocol " + scorer.path("protocol").asInt() + ") for " + String.join(", ", versions)
                    + "; " + Unserved.advice(scorer));
        }
        Unserved.environments(scorer).forEach(sentence -> notes.add(firstAndLast(sentence)));
        return String.join("; ", notes);
    }

    /** One line for a table: of the output of a program its first and its last line. */
    private static String firstAndLast(String text) {
        List<String> lines = text.lines().filter(line -> !line.isBlank()).toList();
        return lines.size() < 2 ? text.strip() : lines.getFirst() + " ... " + lines.getLast();
    }
}
