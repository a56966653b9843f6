package dev.perennial.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.client.ClientException;
import dev.perennial.client.PerennialClient;
import dev.perennial.kernel.ProcessIdentity;
import dev.perennial.kernel.Program;
import dev.perennial.kernel.StartCache;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Records the start caches of an installation: plays the first days of the example in a data directory of its own, so that server, scorer
 * and worker do what they do all day, asks about it by the command line, and ends all in order; each notes then what it loaded, from which
 * its cache is made. The launcher calls it once after a build.
 */
@Command(
        name = "record-start-caches",
        mixinStandardHelpOptions = true,
        hidden = true,
        description = "Records what makes later starts of server, scorer and workers cheaper.",
        footer = {"", "Example:", "  perennial record-start-caches"})
final class StartCachesCommand extends CliCommand {
    private static final String NAME = "start-caches";
    private static final String MODEL = "flight-delay@" + NAME;
    private static final LocalDate FROM = LocalDate.of(2013, 4, 1);
    private static final LocalDate PLAYED = LocalDate.of(2013, 4, 4);
    private static final LocalDate TO = LocalDate.of(2013, 6, 1);
    private static final ZoneId ZONE = ZoneId.of("America/New_York");
    private static final Duration PLAY_MAX = Duration.ofMinutes(5);
    private static final Duration WRITE_MAX = Duration.ofMinutes(3);
    private static final List<String> VISITED = List.of(
            "/api/models",
            "/api/models/" + MODEL,
            "/api/models/" + MODEL + "/versions",
            "/api/models/" + MODEL + "/decisions",
            "/api/models/" + MODEL + "/timeline",
            "/api/models/" + MODEL + "/why",
            "/api/models/" + MODEL + "/drift",
            "/api/models/" + MODEL + "/performance",
            "/api/alerts",
            "/api/pipelines/runs",
            "/api/endpoints",
            "/api/replays",
            "/api/events",
            "/api/ledger");
    private static final List<String> ASKED = List.of(
            "--version",
            "--help",
            "status",
            "status --output json",
            "models",
            "why " + MODEL,
            "decisions " + MODEL,
            "runs",
            "alerts",
            "endpoints",
            "ps");

    @Option(names = "--ask", hidden = true, description = "Only ask the server that was named, as a user would.")
    boolean ask;

    @Override
    Integer execute() {
        if (ask) {
            PrintWriter help = Objects.requireNonNull(spec).commandLine().getOut();
            ASKED.forEach(line -> Main.run(context(), help, line.split(" ")));
            return ExitCode.OK;
        }
        Path dist = ServerCommand.dist(this);
        try {
            Path data = Files.createTempDirectory("perennial-" + NAME);
            try {
                for (Program program : Program.values()) {
                    Files.deleteIfExists(StartCache.file(program.folder(dist)));
                    forget(program.folder(dist));
                }
                record(dist, data);
            } finally {
                try (Stream<Path> files = Files.walk(data)) {
                    files.sorted(Comparator.reverseOrder())
                            .forEach(file -> file.toFile().delete());
                }
            }
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.ERROR, "start caches cannot be recorded: " + e.getMessage(), e);
        }
        return ExitCode.OK;
    }

    private void record(Path dist, Path data) throws IOException {
        ServerProcess server = ServerProcess.start(new ServerProcess.Launch(
                dist, data, 0, Map.of(StartCache.RECORDING, "true"), Program.SERVER.recording(dist)));
        Thread kill = new Thread(() -> end(server, data));
        Runtime.getRuntime().addShutdownHook(kill);
        try {
            play(server, dist, data);
        } finally {
            end(server, data);
        }
        for (Program program : Program.values()) {
            make(program, dist);
        }
    }

    private static void play(ServerProcess server, Path dist, Path data) throws IOException {
        server.awaitReady(ServerProcess.READY_DEADLINE);
        PerennialClient client = PerennialClient.of(server.url(), NAME, Duration.ofSeconds(15));
        client.startReplay(story(client, dist));
        need(
                PLAY_MAX,
                "the first days of the example were not played",
                () -> client.replay(NAME).path("clock").asLong() >= six(PLAYED));
        VISITED.forEach(client::get);
        ask(server, dist);
        need(PLAY_MAX, "no worker ended", () -> noted(Program.WORKER.folder(dist)));
        need(WRITE_MAX, "workers did not end", () -> workers(data) <= 1); // the driver of the replay
        mark(server).signal(false);
        need(WRITE_MAX, "the server did not end", () -> !server.alive());
        for (ChildProcess child : ChildProcess.of(data)) {
            child.mark().signal(child.kind().equals("worker"));
        }
        need(WRITE_MAX, "the scorer did not end", () -> ChildProcess.of(data).isEmpty());
    }

    /** The command line in a process of its own, which notes what it loaded. */
    private static void ask(ServerProcess server, Path dist) throws IOException {
        List<String> command = command(Program.CLI, dist, Program.CLI.recording(dist));
        command.addAll(List.of(Main.class.getName(), "record-start-caches", "--ask"));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment()
                .put(Settings.variable(Settings.SERVER), server.url().toString());
        run(builder, dist, "the command line did not end");
    }

    private static void make(Program program, Path dist) throws IOException {
        Path folder = program.folder(dist);
        String said = "nothing was noted";
        for (Path notes : StartCache.notes(folder)) {
            Path log = run(
                    new ProcessBuilder(command(program, dist, program.making(dist, notes))),
                    dist,
                    "the start cache of " + folder + " was not made");
            said = Files.readString(log).strip();
            Files.delete(log);
            if (Files.isRegularFile(StartCache.file(folder))) {
                forget(folder);
                return;
            }
        }
        throw new CommandFailure(ExitCode.FAILED, "no start cache of " + folder + " was made: " + said);
    }

    private static void forget(Path folder) throws IOException {
        for (Path notes : StartCache.notes(folder)) {
            Files.delete(notes);
        }
    }

    private static List<String> command(Program program, Path dist, List<String> flags) {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(flags);
        command.addAll(List.of("-cp", program.classPath(dist)));
        return command;
    }

    /** Waits for the end; returns the log. */
    private static Path run(ProcessBuilder builder, Path dist, String late) throws IOException {
        Path log = dist.resolve("start-cache.log");
        Process process = builder.redirectErrorStream(true)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(log.toFile())
                .start();
        need(WRITE_MAX, late, () -> !process.isAlive());
        return log;
    }

    private static ObjectNode story(PerennialClient client, Path dist) throws IOException {
        Path file = dist.resolve("../../examples/flight-delay/lifecycle.yaml")
                .toAbsolutePath()
                .normalize();
        return client.object()
                .put("name", NAME)
                .put("text", Files.readString(file).replace("one-in: 4", "one-in: 40"))
                .put("path", file.toString())
                .put("from", six(FROM))
                .put("to", six(TO))
                .put("loop", true);
    }

    private static long six(LocalDate day) {
        return day.atTime(6, 0).atZone(ZONE).toInstant().toEpochMilli();
    }

    private static long workers(Path data) {
        return ChildProcess.of(data).stream()
                .filter(child -> child.kind().equals("worker"))
                .count();
    }

    private static boolean noted(Path program) {
        try {
            return !StartCache.notes(program).isEmpty();
        } catch (IOException e) {
            return false;
        }
    }

    private static ProcessIdentity mark(ServerProcess server) {
        return ProcessIdentity.of(server.pid())
                .orElseThrow(() -> new CommandFailure(ExitCode.FAILED, "the server ended too early"));
    }

    private static void need(Duration limit, String what, java.util.function.BooleanSupplier condition) {
        boolean came = ServerProcess.await(limit, () -> {
            try {
                return condition.getAsBoolean();
            } catch (ClientException e) {
                return false; // not there yet
            }
        });
        if (!came) {
            throw new CommandFailure(ExitCode.TIMEOUT, what + " within " + limit.toSeconds() + " s");
        }
    }

    /** Whatever happened, nothing is left running. */
    private static void end(ServerProcess server, Path data) {
        if (server.alive()) {
            mark(server).signal(true);
        }
        ChildProcess.of(data).forEach(child -> child.mark().signal(true));
    }
}
