package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.cli.Rows.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Rollouts behind an endpoint, running and ended. */
@Command(
        name = "rollouts",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description =
                "Lists rollouts, shows how each guard stood against its bound, judges the stored evidence again, begins one behind"
                        + " an endpoint without a lifecycle file, and acts on the one that runs.",
        subcommands = {
            RolloutsCommand.Listing.class,
            RolloutsCommand.Show.class,
            RolloutsCommand.Rejudge.class,
            RolloutsCommand.Start.class,
            RolloutsCommand.Pause.class,
            RolloutsCommand.Resume.class,
            RolloutsCommand.Abort.class,
            RolloutsCommand.Sign.class
        },
        footer = {
            "",
            "Examples:",
            "  perennial rollouts list flight-delay",
            "  perennial rollouts show flight-delay 9f2c41d07ab3",
            "  perennial rollouts rejudge flight-delay 9f2c41d07ab3",
            "  perennial rollouts start churn iris/3 'shadow 10m, 10%% 30m, 50%% 1h' --reason 'new features'"
        })
final class RolloutsCommand extends CliCommand {
    @Override
    Integer execute() {
        throw new CommandFailure(
                ExitCode.USAGE,
                "name what to do: list, show, rejudge, start, pause, resume, abort or sign ('perennial rollouts --help')");
    }

    /** What the commands about one rollout share. */
    abstract static class OfOne extends CliCommand {
        @Parameters(
                index = "0",
                paramLabel = "ENDPOINT",
                description = "The endpoint; a model's lifecycle file gives it the model's name.")
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
            description = "Lists the rollouts behind an endpoint, the newest first.",
            footer = {"", "Examples:", "  perennial rollouts list flight-delay"})
    static final class Listing extends CliCommand {
        @Parameters(paramLabel = "ENDPOINT", description = "The endpoint; MODEL@REPLAY inside a replay.")
        private String model = "";

        @Override
        Integer execute() {
            Rows.print(
                    this,
                    Rows.items(client().rollouts(model).path("items")),
                    "endpoint " + model + " has had no rollout yet",
                    Column.of("ROLLOUT", "id"),
                    Column.of("VERSION", "candidate"),
                    Column.of("CHAMPION", "replaces"),
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
                            Rows.text(answer.path("candidate")),
                            Rows.text(answer.path("replaces")),
                            Rows.text(answer.path("phase")),
                            answer.path("looks").size()));
            JsonNode look = answer.path("looks").path(answer.path("looks").size() - 1);
            if (!look.isMissingNode()) {
                Rows.print(
                        this,
                        Rows.items(look.path("guards")),
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
            Rows.items(answer.path("decisions"))
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
                        Rows.items(answer.path("decisions")),
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

    /** Begins a rollout. */
    @Command(
            name = "start",
            mixinStandardHelpOptions = true,
            description =
                    "Begins the rollout of a version that the endpoint holds already, by time and rows. A step passes when its"
                            + " blocks are closed, its rows are there, and no guard shows harm.",
            footer = {
                "",
                "Examples:",
                "  perennial rollouts start churn iris/3 'shadow 10m, 10%% 30m, 50%% 1h 500 rows' --reason 'new features'",
                "  perennial rollouts start churn iris/3 '10%% 30m' --without latency --reason 'a slower, better one'"
            })
    static final class Start extends TrafficCommands.OnEndpoint {
        @Parameters(index = "1", paramLabel = "VERSION", description = "MODEL/NUMBER, deployed before.")
        private String version = "";

        @Parameters(index = "2", paramLabel = "PLAN", description = "Steps, such as 'shadow 10m, 10%% 30m, 50%% 1h'.")
        private String plan = "";

        @Option(
                names = "--without",
                paramLabel = "GUARD",
                description = "Switches a guard off: score, errors or latency. May be repeated.")
        private List<String> without = new ArrayList<>();

        @Override
        Integer execute() {
            ObjectNode body = new ObjectMapper().createObjectNode();
            body.put("version", version).put("plan", plan).put("reason", reason);
            if (!without.isEmpty()) {
                ObjectNode guards = body.putObject("guards");
                without.forEach(guards::putNull);
            }
            JsonNode answer = client().startRollout(endpoint, body);
            if (json()) {
                terminal().json(answer);
            } else {
                terminal()
                        .line("Rollout " + Rows.text(answer.path("id")) + " of " + version + " behind " + endpoint
                                + " has begun.");
            }
            return ExitCode.OK;
        }
    }

    /** Something that a person does to the rollout that runs. */
    abstract static class Act extends TrafficCommands.OnEndpoint {
        abstract String action();

        @Override
        Integer execute() {
            JsonNode running = Rows.items(client().rollouts(endpoint).path("items")).stream()
                    .filter(one -> one.path("endedAt").isNull())
                    .findFirst()
                    .orElseThrow(
                            () -> new CommandFailure(ExitCode.ERROR, "no rollout behind " + endpoint + " is running"));
            JsonNode answer = client().actOnRollout(endpoint, running.path("id").asText(), action(), reason);
            if (json()) {
                terminal().json(answer);
            } else {
                terminal().line(answer.path("text").asText());
            }
            return ExitCode.OK;
        }
    }

    /** Holds it. */
    @Command(
            name = "pause",
            mixinStandardHelpOptions = true,
            description = "Holds steps and promotion; what is dangerous stops a paused rollout too.",
            footer = {"", "Examples:", "  perennial rollouts pause churn --reason 'holiday season'"})
    static final class Pause extends Act {
        @Override
        String action() {
            return "pause";
        }
    }

    /** Lets it go on. */
    @Command(
            name = "resume",
            mixinStandardHelpOptions = true,
            description = "Lets a paused rollout go on.",
            footer = {"", "Examples:", "  perennial rollouts resume churn --reason 'season is over'"})
    static final class Resume extends Act {
        @Override
        String action() {
            return "resume";
        }
    }

    /** Ends it. */
    @Command(
            name = "abort",
            mixinStandardHelpOptions = true,
            description = "Gives the champion all traffic at once.",
            footer = {"", "Examples:", "  perennial rollouts abort churn --reason 'wrong training data'"})
    static final class Abort extends Act {
        @Override
        String action() {
            return "abort";
        }
    }

    /** Passes its step. */
    @Command(
            name = "sign",
            mixinStandardHelpOptions = true,
            description =
                    "Lets the present step pass although guards cannot be computed; its time and rows are needed all the same.",
            footer = {"", "Examples:", "  perennial rollouts sign churn --reason 'compared by hand'"})
    static final class Sign extends Act {
        @Override
        String action() {
            return "sign";
        }
    }
}
