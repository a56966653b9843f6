package dev.perennial.cli;

import dev.perennial.cli.TrackingApi.Query;
import dev.perennial.cli.TrackingApi.Shown;
import java.util.List;
import picocli.CommandLine.Option;

/** The options of lists of experiments and runs. */
final class Selection {
    private static final int LIMIT_MAX = 50_000;

    @Option(
            names = "--filter",
            paramLabel = "FILTER",
            description = "Only those that match, for example \"metrics.loss < 0.3 AND params.kind = 'tree'\".")
    private String filter = "";

    @Option(
            names = "--order",
            paramLabel = "KEY",
            description = "Order by this, for example 'metrics.loss ASC'; may be repeated.")
    private List<String> order = List.of();

    @Option(names = "--limit", paramLabel = "N", description = "At most so many (default: 100).")
    private int limit = 100;

    @Option(names = "--deleted", description = "Only deleted ones.")
    private boolean deleted;

    @Option(names = "--all", description = "Active and deleted ones.")
    private boolean all;

    Query query() {
        if (limit < 1 || limit > LIMIT_MAX) {
            throw new CommandFailure(ExitCode.USAGE, "limit " + limit + " is no number from 1 to " + LIMIT_MAX);
        }
        if (all && deleted) {
            throw new CommandFailure(ExitCode.USAGE, "--all and --deleted exclude each other");
        }
        return new Query(filter, order, all ? Shown.ALL : deleted ? Shown.DELETED_ONLY : Shown.ACTIVE_ONLY, limit);
    }
}
