package dev.perennial.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.cli.ExitCode;
import dev.perennial.cli.ServerProcess;
import dev.perennial.cli.Terminal;
import dev.perennial.client.PerennialClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Plays one model's life over real HTTP against a real server: starts what is needed, tells what happens, acts as people would, checks every
 * claim, and ends with the table of what keeping the model alive was worth.
 */
public final class Demo {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String NAME = "demo";

    private final Terminal terminal;
    private final InstantSource clock;
    private final Path dist;

    /**
     * @param exit end after the story, with 0 only if every claim held
     * @param full every flight instead of every fourth
     */
    public record Options(boolean exit, boolean full, Path dataDir, int port) {}

    public Demo(Terminal terminal, InstantSource clock, Path dist) {
        this.terminal = terminal;
        this.clock = clock;
        this.dist = dist;
    }

    /** Plays the story; gives the exit code. */
    public int play(Options options) {
        Story story = new Story(
                dist.resolveSibling("..")
                        .resolve("examples")
                        .resolve("flight-delay")
                        .toAbsolutePath()
                        .normalize(),
                options.full());
        ServerProcess.Launch launch = ServerProcess.Launch.of(dist, options.dataDir(), options.port());
        Servant servant = new Servant(launch);
        Thread ending = new Thread(servant::stop, "demo-end");
        Runtime.getRuntime().addShutdownHook(ending);
        servant.start();
        PerennialClient client = PerennialClient.of(servant.url(), "demo", PATIENCE);
        terminal.line("Perennial is up at " + servant.url() + " (data in " + options.dataDir() + ")");
        long began = clock.millis();
        Claims claims = new Claims(terminal);
        String name = begin(client, story, claims);
        new Narrator(terminal, client, servant, story, claims, name).tell();
        new Closing(terminal, client, claims, options.dataDir(), name, options.full()).tell();
        claims.summary();
        terminal.line(
                String.format(java.util.Locale.ROOT, "The story took %.0f s.", (clock.millis() - began) / 1000.0));
        if (options.exit()) {
            servant.stop();
            return claims.allHeld() ? ExitCode.OK : ExitCode.ERROR;
        }
        lookAround(servant, name);
        servant.awaitEnd();
        return claims.allHeld() ? ExitCode.OK : ExitCode.ERROR;
    }

    /** Starts the replay, or finds the one of this data directory that is not finished; returns its name. */
    private String begin(PerennialClient client, Story story, Claims claims) {
        Optional<JsonNode> unfinished = client.replays().stream()
                .filter(replay -> replay.path("model").asText().contains("@" + NAME))
                .filter(replay -> replay.path("state").asText().matches("RUNNING|HELD"))
                .findFirst();
        if (unfinished.isPresent()) {
            String name = unfinished.get().path("model").asText().replaceFirst(".*@", "");
            terminal.line("This data directory holds the unfinished replay '" + name + "': it goes on.");
            return name;
        }
        long before = client.replays().stream()
                .filter(replay -> replay.path("model").asText().contains("@" + NAME))
                .count();
        String name = before == 0 ? NAME : NAME + "-" + (before + 1);
        terminal.line(
                before == 0
                        ? "A new story begins."
                        : "The last story of this data directory has ended: a new one, '" + name + "', begins.");
        plan(client, story, claims, name);
        client.startReplay(story.replay(client.object(), name));
        return name;
    }

    private void plan(PerennialClient client, Story story, Claims claims, String name) {
        JsonNode refused = client.plan(story.withoutKnownAt(), story.file(), name);
        String problem = refused.path("problems").path(0).path("message").asText();
        terminal.line("");
        terminal.line(
                "Bad candidate 1 of 4: a lifecycle file uses dep_delay_min, which nobody knows two hours ahead, and declares no known-at.");
        terminal.line("   plan refuses: " + problem);
        claims.check(
                "plan refuses a column without a declared known-at",
                problem.contains("dep_delay_min"),
                "a problem that names dep_delay_min",
                problem);
        JsonNode plan = client.plan(story.text(), story.file(), name);
        terminal.line("");
        terminal.line("Plan of " + story.file().getFileName() + " ("
                + plan.path("model").asText() + "):");
        plan.path("changes")
                .forEach(change -> terminal.line("   " + change.path("action").asText() + "  "
                        + change.path("object").asText()
                        + (change.path("field").asText().isEmpty()
                                ? ""
                                : "." + change.path("field").asText())));
        claims.check(
                "the plan of the example has no problem",
                plan.path("problems").isEmpty(),
                "none",
                plan.path("problems").toString());
        terminal.line("");
    }

    private void lookAround(Servant servant, String name) {
        terminal.line("");
        terminal.line("Everything stays up for looking around; Ctrl-C ends it. Try:");
        terminal.line(
                "   " + servant.url() + "/models/flight-delay@" + name + "      the life of the model, in a browser");
        terminal.line("   " + servant.url() + "/experiments      every training as a run: pick some and compare them");
        terminal.line("   " + servant.url() + "/registry/flight-delay@" + name
                + "      its versions, aliases and how to use them");
        terminal.line("   ./perennial why flight-delay@" + name + " --server " + servant.url());
        terminal.line("   ./perennial decisions flight-delay@" + name + " --server " + servant.url());
        terminal.line(
                "   ./perennial rollback flight-delay@" + name + " --reason 'to see it' --server " + servant.url());
        terminal.line("   ./perennial ledger verify --help");
    }

    /** The server of the demo: started, killed, started again, stopped. */
    static final class Servant {
        private final ServerProcess.Launch launch;
        private volatile boolean ending;
        private Optional<ServerProcess> server = Optional.empty();

        Servant(ServerProcess.Launch launch) {
            this.launch = launch;
        }

        synchronized void start() {
            ServerProcess.Launch wanted = server.isEmpty()
                    ? launch
                    : new ServerProcess.Launch(
                            launch.dist(),
                            launch.dataDir(),
                            server.get().url().getPort(),
                            launch.properties(),
                            launch.jvmOptions());
            ServerProcess started = ServerProcess.start(wanted);
            server = Optional.of(started);
            started.awaitReady(ServerProcess.READY_DEADLINE);
        }

        synchronized java.net.URI url() {
            return server.orElseThrow().url();
        }

        synchronized void kill() {
            server.ifPresent(ServerProcess::kill);
        }

        synchronized void stop() {
            if (!ending) {
                ending = true;
                server.ifPresent(running -> running.stop(ServerProcess.STOP_GRACE));
            }
        }

        void awaitEnd() {
            server.ifPresent(ServerProcess::awaitEnd);
        }
    }
}
