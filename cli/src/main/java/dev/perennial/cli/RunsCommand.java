package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.cli.Rows.Column;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs that clients log. */
@Command(
        name = "runs",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Lists, shows, compares, deletes and restores runs of experiments. The work of pipelines is"
                + " 'perennial pipelines'.",
        subcommands = {
            RunsCommand.Listing.class,
            RunsCommand.Show.class,
            RunsCompareCommand.class,
            RunsCommand.Delete.class,
            RunsCommand.Restore.class
        },
        footer = {
            "",
            "Examples:",
            "  perennial runs list flights --filter 'metrics.loss < 0.3' --order 'metrics.loss ASC'",
            "  perennial runs show 0190f3a2c1d24b7e8a5c6d7e8f901234",
            "  perennial runs compare RUN1 RUN2 RUN3",
            "  perennial runs delete RUN"
        })
final class RunsCommand extends CliCommand {
    @Override
    Integer execute() {
        throw new CommandFailure(
                ExitCode.USAGE,
                "name what to do: list, show, compare, delete or restore ('perennial runs --help');"
                        + " pipeline runs are 'perennial pipelines'");
    }

    /** Prints runs. */
    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Lists runs of experiments, the newest first.",
            footer = {
                "",
                "Examples:",
                "  perennial runs list flights",
                "  perennial runs list flights weather --filter \"params.kind = 'tree'\" --column metrics.loss",
                "  perennial runs list 3 --order 'metrics.loss ASC' --limit 10 --output json"
            })
    static final class Listing extends CliCommand {
        @Parameters(arity = "1..*", paramLabel = "EXPERIMENT", description = "Ids or names.")
        private List<String> experiments = List.of();

        @Mixin
        private final Selection selection = new Selection();

        @Option(
                names = "--column",
                paramLabel = "KEY",
                description = "Show this too: metrics.NAME, params.NAME or tags.NAME; may be repeated.")
        private List<String> columns = List.of();

        @Override
        Integer execute() {
            TrackingApi.Query query = selection.query();
            List<Column> all = new ArrayList<>(List.of(
                    new Column("RUN", run -> run.at("/info/run_id").asText()),
                    new Column("NAME", run -> run.at("/info/run_name").asText()),
                    new Column("STATUS", run -> run.at("/info/status").asText()),
                    new Column("STARTED", run -> Terminal.time(run.at("/info/start_time"))),
                    new Column("ENDED", run -> Terminal.time(run.at("/info/end_time")))));
            columns.forEach(key -> all.add(new Column(key, run -> RunValues.of(run, key))));
            columns.forEach(RunValues::check);
            TrackingApi api = new TrackingApi(client());
            List<String> ids = experiments.stream()
                    .map(given -> api.experiment(given).path("experiment_id").asText())
                    .toList();
            Rows.print(this, api.runs(ids, query), "no run", all.toArray(Column[]::new));
            return ExitCode.OK;
        }
    }

    /** Prints one run. */
    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = "Shows a run: metrics, params, tags, inputs and outputs.",
            footer = {"", "Examples:", "  perennial runs show RUN", "  perennial runs show RUN --output json"})
    static final class Show extends CliCommand {
        @Parameters(paramLabel = "RUN", description = "Its id.")
        private String run = "";

        @Override
        Integer execute() {
            JsonNode found = new TrackingApi(client()).run(run);
            if (json()) {
                terminal().json(found);
                return ExitCode.OK;
            }
            JsonNode info = found.path("info");
            terminal()
                    .line(info.path("run_id").asText() + "  "
                            + info.path("run_name").asText() + "  "
                            + info.path("status").asText()
                            + (info.path("lifecycle_stage").asText().equals("deleted") ? "  deleted" : ""));
            terminal().line("started    " + Terminal.time(info.path("start_time")));
            terminal().line("ended      " + Terminal.time(info.path("end_time")));
            terminal().line("artifacts  " + info.path("artifact_uri").asText());
            for (String kind : List.of("metrics", "params", "tags")) {
                for (JsonNode pair : found.path("data").path(kind)) {
                    String key = kind + "." + pair.path("key").asText();
                    terminal().line(key + " = " + Rows.text(pair.path("value")));
                }
            }
            for (JsonNode input : found.at("/inputs/dataset_inputs")) {
                terminal()
                        .line("dataset " + input.at("/dataset/name").asText() + " "
                                + input.at("/dataset/digest").asText());
            }
            for (JsonNode output : found.at("/outputs/model_outputs")) {
                terminal().line("model " + output.path("model_id").asText());
            }
            return ExitCode.OK;
        }
    }

    /** Deletes or restores runs. */
    abstract static class Move extends CliCommand {
        @Parameters(arity = "1..*", paramLabel = "RUN", description = "Ids.")
        private List<String> runs = List.of();

        @Override
        Integer execute() {
            String verb = name();
            TrackingApi api = new TrackingApi(client());
            // All are looked up first, so that a wrong id changes nothing.
            runs.forEach(api::run);
            for (String run : runs) {
                api.move("runs/" + verb, "run_id", run);
                terminal().progress(verb + "d run " + run);
            }
            return ExitCode.OK;
        }
    }

    /** Puts runs away. */
    @Command(
            name = "delete",
            mixinStandardHelpOptions = true,
            description = "Puts runs away; 'restore' brings them back.",
            footer = {"", "Examples:", "  perennial runs delete RUN1 RUN2"})
    static final class Delete extends Move {}

    /** Brings runs back. */
    @Command(
            name = "restore",
            mixinStandardHelpOptions = true,
            description = "Brings deleted runs back.",
            footer = {"", "Examples:", "  perennial runs restore RUN1 RUN2"})
    static final class Restore extends Move {}
}
