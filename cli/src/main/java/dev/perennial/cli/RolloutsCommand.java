package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.cli.Rows.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Rollouts of a model, running and ended. */
@Command(
        name = "rollouts",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description =
                "Lists rollouts, shows how each guard stood against its bound, and judges the stored evidence again."
                        + " To act on a running one: 'perennial pause', 'resume', 'abort'.",
        subcommands = {RolloutsCommand.Listing.class, RolloutsCommand.Show.class, RolloutsCommand.Rejudge.class},
        footer = {
            "",
            "Examples:",
            "  perennial rollouts list flight-delay",
            "  perennial rollouts show flight-delay 9f2c41d07ab3",
            "  perennial rollouts rejudge flight-delay 9f2c41d07ab3"
        })
final class RolloutsCommand extends CliCommand {
    @Override
    Integer execute() {
        throw new CommandFailure(
                ExitCode.USAGE, "name what to do: list, show or rejudge ('perennial rollouts --help')");
    }

    /** What the commands about one rollout share. */
    abstract static class OfOne extends CliCommand {
        @Parameters(index = "0", paramLabel = "MODEL", description = "The model; MODEL@REPLAY inside a replay.")
        String model = "";

        @Parameters(
                index = "1",
                paramLabel = "ROLLOUT",
                description = "Id of the rollout, from 'perennial rollouts list'.")
        String rollout = "";
    }

    /** Prints rollouts, the newest first. */
    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Lists the rollouts of a model, the newest first.",
            footer = {"", "Examples:", "  perennial rollouts list flight-delay"})
    static final class Listing extends CliCommand {
        @Parameters(paramLabel = "MODEL", description = "The model; MODEL@REPLAY inside a replay.")
        private String model = "";

        @Override
        Integer execute() {
            List<JsonNode> rollouts = new ArrayList<>();
            client().rollouts(model).path("items").forEach(rollouts::add);
            Rows.print(
                    this,
                    rollouts,
                    "model " + model + " has had no rollout yet",
                    Column.of("ROLLOUT", "id"),
                    Column.of("VERSION", "version"),
                    Column.of("CHAMPION", "champion"),
                    Column.of("PHASE", "phase"),
                    Column.time("STARTED", "startedAt"),
                    Column.time("ENDED", "endedAt"));
            return ExitCode.OK;
        }
    }

    /** Prints the newest look and the decisions of one rollout. */
    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = "Shows where each guard of a rollout stood at its newest look, and what moved the rollout.",
            footer = {"", "Examples:", "  perennial rollouts show flight-delay 9f2c41d07ab3"})
    static final class Show extends OfOne {
        @Override
        Integer execute() {
            JsonNode answer = client().rollout(model, rollout);
            if (json()) {
                terminal().json(answer);
                return ExitCode.OK;
            }
            terminal()
                    .line(String.format(
                            Locale.ROOT,
                            "Version %s against champion %s: %s, %d looks.",
                            Rows.text(answer.path("version")),
                            Rows.text(answer.path("champion")),
                            Rows.text(answer.path("phase")),
                            answer.path("looks").size()));
            JsonNode look = answer.path("looks").path(answer.path("looks").size() - 1);
            if (!look.isMissingNode()) {
                Rows.print(
                        this,
                        items(look.path("guards")),
                        "",
                        Column.of("GUARD", "guard"),
                        Column.of("VERDICT", "verdict"),
                        Column.of("ESTIMATE", "estimate"),
                        Column.of("LOW", "low"),
                        Column.of("HIGH", "high"),
                        Column.of("BOUND", "bound"),
                        Column.of("CLUSTERS", "clusters"),
                        Column.of("WHY", "why"));
            }
            items(answer.path("decisions"))
                    .forEach(move -> terminal()
                            .line(Terminal.time(move.path("at")) + "  "
                                    + move.path("text").asText()));
            return ExitCode.OK;
        }
    }

    /** Judges stored evidence again. */
    @Command(
            name = "rejudge",
            mixinStandardHelpOptions = true,
            description =
                    "Judges the stored evidence of each decision again; changes nothing. Exit code 2 when one comes out otherwise.",
            footer = {"", "Examples:", "  perennial rollouts rejudge flight-delay 9f2c41d07ab3"})
    static final class Rejudge extends OfOne {
        @Override
        Integer execute() {
            JsonNode answer = client().rejudge(model, rollout);
            boolean same = answer.path("same").asBoolean();
            if (json()) {
                terminal().json(answer);
            } else {
                Rows.print(
                        this,
                        items(answer.path("decisions")),
                        "nothing has moved this rollout yet",
                        Column.time("AT", "at"),
                        Column.of("DECIDED", "verdict"),
                        Column.of("AGAIN", "again"),
                        Column.of("SAME", "same"));
                terminal()
                        .line(
                                same
                                        ? "The evidence leads to the same decisions."
                                        : "At least one decision does not follow from its evidence.");
            }
            return same ? ExitCode.OK : ExitCode.DIFFERENT;
        }
    }

    private static List<JsonNode> items(JsonNode array) {
        List<JsonNode> items = new ArrayList<>();
        (array.isArray() ? array : new ObjectMapper().createArrayNode()).forEach(items::add);
        return items;
    }
}
