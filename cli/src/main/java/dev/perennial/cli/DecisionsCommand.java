package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.cli.Rows.Column;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What was decided about a model. */
@Command(
        name = "decisions",
        mixinStandardHelpOptions = true,
        description =
                "Lists what was decided about a model, also when the answer was no; with a decision its evidence.",
        footer = {
            "",
            "Examples:",
            "  perennial decisions flight-delay",
            "  perennial decisions flight-delay --limit 10 --output json",
            "  perennial decisions flight-delay 01a2b3c4"
        })
final class DecisionsCommand extends CliCommand {
    @Parameters(index = "0", paramLabel = "MODEL", description = "The model; MODEL@REPLAY inside a replay.")
    String model = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "DECISION",
            description = "A decision, or the start of its id.")
    @Nullable
    String decision;

    @Option(names = "--limit", paramLabel = "N", description = "At most so many (default: 100).")
    int limit = 100;

    @Override
    Integer execute() {
        if (decision != null) {
            tell(client().decision(model, id(decision)));
            return ExitCode.OK;
        }
        Rows.print(
                this,
                client().modelItems(model, "decisions", limit),
                "nothing was decided about " + model + " yet",
                Column.of("ID", "id"),
                Column.time("AT", "at"),
                Column.of("KIND", "kind"),
                Column.of("VERDICT", "verdict"),
                Column.of("VERSION", "version"),
                Column.of("DECISION", "title"));
        return ExitCode.OK;
    }

    /** The whole id that starts like that; what is no start of any goes to the server, which says so. */
    private String id(String start) {
        List<String> found = client().modelItems(model, "decisions", Integer.MAX_VALUE).stream()
                .map(item -> item.path("id").asText())
                .filter(id -> id.startsWith(start))
                .toList();
        if (found.size() > 1 && !found.contains(start)) {
            throw new CommandFailure(ExitCode.ERROR, found.size() + " decisions start with '" + start + "'");
        }
        return found.size() == 1 ? found.getFirst() : start;
    }

    private void tell(JsonNode found) {
        if (json()) {
            terminal().json(found);
            return;
        }
        terminal()
                .line(found.path("title").asText() + "  ["
                        + found.path("verdict").asText() + "]");
        terminal().line(found.path("text").asText());
        terminal().line("ledger entry " + found.path("entry").asText("none"));
        terminal().line(found.path("evidence").toPrettyString());
    }
}
