package dev.perennial.cli;

import dev.perennial.cli.Rows.Column;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The data that a model was made from. */
@Command(
        name = "snapshots",
        mixinStandardHelpOptions = true,
        description = "Lists the snapshots of a model's data.",
        footer = {"", "Examples:", "  perennial snapshots flight-delay"})
final class SnapshotsCommand extends CliCommand {
    @Parameters(paramLabel = "MODEL", description = "The model; MODEL@REPLAY inside a replay.")
    String model = "";

    @Override
    Integer execute() {
        Rows.print(
                this,
                client().modelItems(model, "snapshots", Integer.MAX_VALUE),
                "model " + model + " has no snapshot yet",
                Column.of("SNAPSHOT", "digest"),
                Column.time("AS OF", "asOf"),
                Column.of("ROWS", "rows"),
                Column.of("LABELLED", "labelled"));
        return ExitCode.OK;
    }
}
