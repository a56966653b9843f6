package dev.perennial.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;

/** Lists the processes of a data directory, also when its server does not answer. */
@Command(
        name = "ps",
        mixinStandardHelpOptions = true,
        description = "Lists the live processes of a data directory: server, scorers, workers.",
        footer = {"", "Examples:", "  perennial ps", "  perennial ps --data-dir /srv/perennial --output json"})
final class PsCommand extends CliCommand {
    @Override
    Integer execute() {
        List<List<String>> rows = new ArrayList<>();
        ServerProcess.running(dataDir())
                .ifPresent(server -> rows.add(List.of(
                        "server", "-", Long.toString(server.pid()), server.url().toString())));
        ChildProcess.of(dataDir())
                .forEach(child -> rows.add(List.of(
                        child.kind(), child.name(), Long.toString(child.mark().pid()), "")));
        if (json()) {
            ArrayNode items = new ObjectMapper().createArrayNode();
            rows.forEach(row -> items.addObject()
                    .put("kind", row.get(0))
                    .put("name", row.get(1))
                    .put("pid", Long.parseLong(row.get(2)))
                    .put("url", row.get(3)));
            terminal().json(new ObjectMapper().createObjectNode().set("items", items));
        } else if (rows.isEmpty()) {
            terminal().line("nothing runs on " + dataDir());
        } else {
            terminal().table(List.of("KIND", "NAME", "PID", "ADDRESS"), rows);
        }
        return ExitCode.OK;
    }
}
