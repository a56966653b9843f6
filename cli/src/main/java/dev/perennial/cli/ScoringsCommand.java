package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.cli.Rows.Column;
import dev.perennial.client.PerennialClient;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Jobs that score files. */
@Command(
        name = "scorings",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description =
                "Looks after the jobs of 'perennial score'. Jobs, and results that were not fetched, are kept 30 days.",
        subcommands = {
            ScoringsCommand.Listing.class,
            ScoringsCommand.Show.class,
            ScoringsCommand.Cancel.class,
            ScoringsCommand.Resume.class,
            ScoringsCommand.Fetch.class
        },
        footer = {
            "",
            "Examples:",
            "  perennial scorings list",
            "  perennial scorings show ID",
            "  perennial scorings cancel ID",
            "  perennial scorings resume ID       goes on where it stopped",
            "  perennial scorings fetch ID        the result of a file that was sent"
        })
final class ScoringsCommand extends CliCommand {
    private static final int SHOWN_MAX = 100;

    @Override
    Integer execute() {
        throw new CommandFailure(
                ExitCode.USAGE, "name what to do: list, show, cancel, resume or fetch ('perennial scorings --help')");
    }

    /** Prints jobs, the newest first. */
    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Lists scoring jobs, the newest first.",
            footer = {"", "Examples:", "  perennial scorings list"})
    static final class Listing extends CliCommand {
        @Option(names = "--limit", paramLabel = "N", description = "At most so many (default: 100).")
        private int limit = SHOWN_MAX;

        @Override
        Integer execute() {
            Rows.print(
                    this,
                    client().items("/api/scorings", Map.of(), limit),
                    "no scoring",
                    Column.of("SCORING", "id"),
                    Column.of("FILE", "name"),
                    Column.of("VERSION", "version"),
                    Column.of("BY", "by"),
                    Column.of("STATE", "state"),
                    Column.of("ROWS", "rows"),
                    Column.of("ERRORS", "errors"),
                    Column.time("BEGAN", "createdAt"));
            return ExitCode.OK;
        }
    }

    /** What the commands about one job share. */
    abstract static class OfOne extends CliCommand {
        @Parameters(paramLabel = "SCORING", description = "Id of the job, from 'perennial scorings list'.")
        String id = "";

        void show(JsonNode job) {
            if (json()) {
                terminal().json(job);
                return;
            }
            terminal()
                    .facts(List.of(
                            List.of("scoring", job.path("id").asText()),
                            List.of("file", where(job, "input", "name")),
                            List.of(
                                    "scored by",
                                    job.path("version").asText() + " ("
                                            + job.path("target").asText() + ")"),
                            List.of("asked by", job.path("by").asText()),
                            List.of("state", state(job)),
                            List.of("rows", Rows.text(job.path("rows"))),
                            List.of("without a result", Rows.text(job.path("errors"))),
                            List.of("result", where(job, "output", "resultName")),
                            List.of("began", Terminal.time(job.path("createdAt"))),
                            List.of("ended", Terminal.time(job.path("endedAt")))));
        }

        private static String where(JsonNode job, String path, String name) {
            return job.path(path).isTextual()
                    ? job.path(path).asText()
                    : job.path(name).asText() + " (sent to the server)";
        }

        private static String state(JsonNode job) {
            String line = job.path("line").asText();
            double share = job.path("share").asDouble();
            String state = job.path("state").asText();
            String far = state.equals("RUNNING") ? String.format(Locale.ROOT, " %.0f %%", 100 * share) : "";
            return state + far + (line.isEmpty() ? "" : ": " + line);
        }
    }

    /** Prints one job. */
    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = "Shows how a scoring job goes.",
            footer = {"", "Examples:", "  perennial scorings show ID"})
    static final class Show extends OfOne {
        @Override
        Integer execute() {
            show(client().get(Scored.path(id)));
            return ExitCode.OK;
        }
    }

    /** Ends a job. */
    @Command(
            name = "cancel",
            mixinStandardHelpOptions = true,
            description = "Ends a scoring job; it can be resumed.",
            footer = {"", "Examples:", "  perennial scorings cancel ID"})
    static final class Cancel extends OfOne {
        @Override
        Integer execute() {
            PerennialClient client = client();
            show(client.postRepeatable(Scored.path(id) + "/cancel", client.object()));
            return ExitCode.OK;
        }
    }

    /** Goes on with a job. */
    @Command(
            name = "resume",
            mixinStandardHelpOptions = true,
            description = "Goes on with a scoring job that failed or was cancelled, where it stopped.",
            footer = {"", "Examples:", "  perennial scorings resume ID"})
    static final class Resume extends OfOne {
        @Override
        Integer execute() {
            PerennialClient client = client();
            show(client.post(Scored.path(id) + "/resume", client.object()));
            return ExitCode.OK;
        }
    }

    /** Fetches a result. */
    @Command(
            name = "fetch",
            mixinStandardHelpOptions = true,
            description = "Fetches the result of a file that was sent to the server.",
            footer = {"", "Examples:", "  perennial scorings fetch ID --to scored.csv"})
    static final class Fetch extends OfOne {
        @Option(names = "--to", paramLabel = "FILE", description = "The file (default: the result's own name, here).")
        @Nullable
        private String to;

        @Option(names = "--force", description = "Replace the file when it is there.")
        private boolean force;

        @Override
        Integer execute() {
            PerennialClient client = client();
            JsonNode job = client.get(Scored.path(id));
            String name = to == null ? job.path("resultName").asText() : to;
            Path target =
                    context().workingFolder().resolve(name).toAbsolutePath().normalize();
            Scored scored = new Scored(this, client, id);
            return scored.told(job, scored.fetched(job, target, force));
        }
    }
}
