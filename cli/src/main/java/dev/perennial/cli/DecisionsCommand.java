package dev.perennial.cli;

import dev.perennial.cli.Rows.Column;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What was decided about a model. */
@Command(
        name = "decisions",
        mixinStandardHelpOptions = true,
        description = "Lists what was decided about a model, also when the answer was no.",
        footer = {
            "",
            "Examples:",
            "  perennial decisions flight-delay",
            "  perennial decisions flight-delay --limit 10 --output json"
        })
final class DecisionsCommand extends CliCommand {
    @Parameters(paramLabel = "MODEL", description = "The model; MODEL@REPLAY inside a replay.")
    String model = "";

    @Option(names = "--limit", paramLabel = "N", description = "At most so many (default: 100).")
    int limit = 100;

    @Override
    Integer execute() {
        Rows.print(
                this,
                client().modelItems(model, "decisions", limit),
                "nothing was decided about " + model + " yet",
                Column.time("AT", "at"),
                Column.of("KIND", "kind"),
                Column.of("VERDICT", "verdict"),
                Column.of("VERSION", "version"),
                Column.of("DECISION", "title"));
        return ExitCode.OK;
    }
}
