package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.cli.Rows.Column;
import dev.perennial.cli.TrackingApi.Query;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Experiments that collect the runs of clients. */
@Command(
        name = "experiments",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Lists, shows, makes, deletes and restores experiments.",
        subcommands = {
            ExperimentsCommand.Listing.class,
            ExperimentsCommand.Show.class,
            ExperimentsCommand.Create.class,
            ExperimentsCommand.Delete.class,
            ExperimentsCommand.Restore.class
        },
        footer = {
            "",
            "Examples:",
            "  perennial experiments list --filter \"name LIKE 'flight%%'\"",
            "  perennial experiments show flights",
            "  perennial experiments create flights --tag team=operations",
            "  perennial experiments delete flights"
        })
final class ExperimentsCommand extends CliCommand {
    @Override
    Integer execute() {
        throw new CommandFailure(
                ExitCode.USAGE,
                "name what to do: list, show, create, delete or restore ('perennial experiments --help')");
    }

    /** Prints experiments. */
    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Lists experiments, the newest first.",
            footer = {
                "",
                "Examples:",
                "  perennial experiments list",
                "  perennial experiments list --filter \"tags.team = 'operations'\" --order 'name ASC'",
                "  perennial experiments list --deleted --output json"
            })
    static final class Listing extends CliCommand {
        @Mixin
        private final Selection selection = new Selection();

        @Override
        Integer execute() {
            Query query = selection.query();
            Rows.print(
                    this,
                    new TrackingApi(client()).experiments(query),
                    "no experiment",
                    Column.of("ID", "experiment_id"),
                    Column.of("NAME", "name"),
                    Column.of("STAGE", "lifecycle_stage"),
                    Column.time("CREATED", "creation_time"),
                    Column.of("ARTIFACTS", "artifact_location"));
            return ExitCode.OK;
        }
    }

    /** Prints one experiment. */
    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = "Shows an experiment.",
            footer = {"", "Examples:", "  perennial experiments show flights", "  perennial experiments show 3 -o json"
            })
    static final class Show extends CliCommand {
        @Parameters(paramLabel = "EXPERIMENT", description = "Its id or name.")
        private String experiment = "";

        @Override
        Integer execute() {
            JsonNode found = new TrackingApi(client()).experiment(experiment);
            if (json()) {
                terminal().json(found);
                return ExitCode.OK;
            }
            terminal()
                    .line(found.path("experiment_id").asText() + "  "
                            + found.path("name").asText() + "  "
                            + found.path("lifecycle_stage").asText());
            terminal().line("created    " + Terminal.time(found.path("creation_time")));
            terminal().line("changed    " + Terminal.time(found.path("last_update_time")));
            terminal().line("artifacts  " + found.path("artifact_location").asText());
            found.path("tags")
                    .forEach(tag -> terminal()
                            .line("tag        " + tag.path("key").asText() + " = "
                                    + tag.path("value").asText()));
            return ExitCode.OK;
        }
    }

    /** Makes an experiment. */
    @Command(
            name = "create",
            mixinStandardHelpOptions = true,
            description = "Makes an experiment and prints its id.",
            footer = {
                "",
                "Examples:",
                "  perennial experiments create flights",
                "  perennial experiments create flights --tag team=operations --location s3://bucket/flights"
            })
    static final class Create extends CliCommand {
        @Parameters(paramLabel = "NAME", description = "A name that no experiment has, deleted ones included.")
        private String name = "";

        @Option(
                names = "--location",
                paramLabel = "ADDRESS",
                description = "Where its artifacts are kept (default: on the server).")
        private String location = "";

        @Option(names = "--tag", paramLabel = "KEY=VALUE", description = "A tag; may be repeated.")
        private Map<String, String> tags = new LinkedHashMap<>();

        @Override
        Integer execute() {
            String id = new TrackingApi(client()).createExperiment(name, location, tags);
            if (json()) {
                terminal().json(new ObjectMapper().createObjectNode().put("experiment_id", id));
            } else {
                terminal().line(id);
            }
            return ExitCode.OK;
        }
    }

    /** Deletes or restores experiments. */
    abstract static class Move extends CliCommand {
        @Parameters(arity = "1..*", paramLabel = "EXPERIMENT", description = "Ids or names.")
        private List<String> experiments = List.of();

        @Override
        Integer execute() {
            String verb = name();
            TrackingApi api = new TrackingApi(client());
            // All are looked up first, so that a wrong name changes nothing.
            List<JsonNode> found = experiments.stream().map(api::experiment).toList();
            for (JsonNode experiment : found) {
                api.move(
                        "experiments/" + verb,
                        "experiment_id",
                        experiment.path("experiment_id").asText());
                terminal()
                        .progress(
                                verb + "d experiment " + experiment.path("name").asText());
            }
            return ExitCode.OK;
        }
    }

    /** Puts experiments away. */
    @Command(
            name = "delete",
            mixinStandardHelpOptions = true,
            description = "Puts experiments and their runs away; 'restore' brings them back.",
            footer = {"", "Examples:", "  perennial experiments delete flights"})
    static final class Delete extends Move {}

    /** Brings experiments back. */
    @Command(
            name = "restore",
            mixinStandardHelpOptions = true,
            description = "Brings deleted experiments back, with the runs that were deleted with them.",
            footer = {"", "Examples:", "  perennial experiments restore flights"})
    static final class Restore extends Move {}
}
