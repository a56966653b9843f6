package dev.perennial.cli;

import dev.perennial.client.ClientException;
import dev.perennial.client.PerennialClient;
import dev.perennial.kernel.ProcessIdentity;
import dev.perennial.kernel.Program;
import dev.perennial.kernel.StartCache;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * The server as a process of this machine: started in a session of its own (Ctrl-C in the terminal reaches the command line alone, which
 * then stops it in order), found again by {@code DATA/server.json}, stopped or killed together with the scorers and workers that it left.
 */
public final class ServerProcess {
    /** Enough for a release's migrations on a slow disk. */
    public static final Duration READY_DEADLINE = Duration.ofSeconds(90);

    public static final Duration STOP_GRACE = Duration.ofSeconds(20);

    private static final String LOG = "server.log";
    private static final long LOOK_MILLIS = 100;

    /** What a JVM ends with after SIGINT and SIGTERM. */
    private static final Set<Integer> ASKED = Set.of(130, 143);

    private static final int LOG_LINES_SHOWN = 12;

    private final Path dataDir;
    private final ServerFile file;
    private final Optional<Process> child;

    private ServerProcess(Path dataDir, ServerFile file, Optional<Process> child) {
        this.dataDir = dataDir;
        this.file = file;
        this.child = child;
    }

    /**
     * How to start one.
     *
     * @param dist the installation's programs ({@code target/dist})
     * @param port 0 for any free one
     * @param properties more settings, by their system property
     */
    public record Launch(Path dist, Path dataDir, int port, Map<String, String> properties, List<String> jvmOptions) {
        /** Flags of the server's JVM, without its start cache. */
        public static final List<String> JVM_OPTIONS = Program.SERVER.flags();

        public static Launch of(Path dist, Path dataDir, int port) {
            return new Launch(dist, dataDir, port, Map.of(), JVM_OPTIONS);
        }
    }

    /** The live server of a data directory, when there is one. */
    public static Optional<ServerProcess> running(Path dataDir) {
        return ServerFile.read(dataDir)
                .filter(ServerFile::alive)
                .map(file -> new ServerProcess(dataDir, file, Optional.empty()));
    }

    /**
     * Starts a server; it is not ready yet.
     *
     * @throws CommandFailure when the data directory is in use, the port is busy, or the program is missing
     */
    public static ServerProcess start(Launch launch) {
        running(launch.dataDir()).ifPresent(other -> {
            throw new CommandFailure(
                    ExitCode.CONFLICT,
                    "a server already uses " + launch.dataDir() + " (pid " + other.pid() + ", " + other.url()
                            + "); stop it with 'perennial stop --data-dir " + launch.dataDir()
                            + "' or choose another --data-dir");
        });
        Path program = launch.dist().resolve("server").resolve("quarkus-run.jar");
        if (!Files.isRegularFile(program)) {
            throw new CommandFailure(
                    ExitCode.ERROR,
                    "the server's program " + program + " is missing; start through ./perennial, which builds it");
        }
        try {
            Files.createDirectories(launch.dataDir());
            int port = freePort(launch.port());
            ProcessBuilder builder = new ProcessBuilder(command(launch, program, port));
            builder.environment().putIfAbsent("MALLOC_ARENA_MAX", "2"); // scorers and workers inherit it
            Process process = builder.directory(launch.dataDir().toFile())
                    .redirectInput(new File("/dev/null"))
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            launch.dataDir().resolve(LOG).toFile()))
                    .redirectErrorStream(true)
                    .start();
            ProcessIdentity mark = ProcessIdentity.of(process.pid())
                    .orElseThrow(() ->
                            new CommandFailure(ExitCode.ERROR, died(launch.dataDir(), "the server ended at once")));
            ServerFile file = new ServerFile(mark, URI.create("http://127.0.0.1:" + port));
            file.write(launch.dataDir());
            return new ServerProcess(launch.dataDir(), file, Optional.of(process));
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.ERROR,
                    "cannot start a server with the data directory " + launch.dataDir() + ": " + e.getMessage(),
                    e);
        }
    }

    private static List<String> command(Launch launch, Path program, int port) {
        List<String> command = new ArrayList<>(List.of(
                "setsid",
                Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(launch.jvmOptions());
        command.addAll(StartCache.flags(Program.SERVER.folder(launch.dist().toAbsolutePath())));
        command.add("-Dperennial.data-dir=" + launch.dataDir());
        command.add("-Dperennial.dist=" + launch.dist().toAbsolutePath());
        command.add("-Dperennial.port=" + port);
        launch.properties().forEach((name, value) -> command.add("-D" + name + "=" + value));
        command.add("-jar");
        command.add(program.toAbsolutePath().toString());
        return command;
    }

    private static int freePort(int wanted) throws IOException {
        try (ServerSocket probe = new ServerSocket(wanted, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        } catch (java.net.BindException e) {
            throw new CommandFailure(
                    ExitCode.ERROR,
                    "port " + wanted + " is busy; choose another with --port, or --port 0 for any free one",
                    e);
        }
    }

    public URI url() {
        return file.url();
    }

    public long pid() {
        return file.mark().pid();
    }

    public boolean alive() {
        return file.alive();
    }

    public Path log() {
        return dataDir.resolve(LOG);
    }

    /**
     * Waits until the server answers that it is ready.
     *
     * @throws CommandFailure when it ends before, with the last lines of its log, or the deadline passes
     */
    public void awaitReady(Duration deadline) {
        PerennialClient client = PerennialClient.of(url(), "cli", Duration.ZERO);
        boolean ready = await(deadline, () -> {
            if (!alive()) {
                throw new CommandFailure(ExitCode.ERROR, died(dataDir, "the server ended before it was ready"));
            }
            try {
                return client.status().path("ready").asBoolean();
            } catch (ClientException e) {
                return e.status() == 401; // otherwise it is not listening yet
            }
        });
        if (!ready) {
            throw new CommandFailure(
                    ExitCode.TIMEOUT,
                    "the server is not ready after " + deadline.toSeconds() + " s; its log is " + log());
        }
    }

    /** Waits until the server has ended, and its exit value is known when this process started it. */
    public void awaitEnd() {
        // a process that has ended is no longer alive for a moment before its parent has read how it ended
        await(Duration.ofDays(3650), () -> !alive() && child.stream().noneMatch(Process::isAlive));
    }

    /** Whether it ended because somebody asked it to; known of a server that this process started. */
    public boolean endedOnRequest() {
        return child.filter(process -> !process.isAlive() && ASKED.contains(process.exitValue()))
                .isPresent();
    }

    /** Stops the server in order, then what it left behind, and what that had started. */
    public void stop(Duration grace) {
        file.mark().signal(false);
        if (!await(grace, () -> !alive())) {
            file.mark().signal(true);
            await(grace, () -> !alive());
        }
        List<ChildProcess> left = ChildProcess.of(dataDir);
        left.forEach(child -> child.mark().signal(false));
        if (!await(grace, () -> left.stream().noneMatch(child -> child.mark().alive()))) {
            left.forEach(child -> child.mark().signal(true));
        }
        left.stream()
                .flatMap(child -> child.mark().group().stream())
                .flatMap(pid -> ProcessHandle.of(pid).stream())
                .forEach(ProcessHandle::destroyForcibly);
    }

    /** Ends the server this instant, as a power cut would: nothing is flushed, scorers and workers go on. */
    public void kill() {
        file.mark().signal(true);
        // the first thread of a killed process may be gone while others still hold its port
        await(STOP_GRACE, () -> !alive() && portIsFree());
    }

    private boolean portIsFree() {
        try (ServerSocket probe = new ServerSocket(url().getPort(), 1, InetAddress.getLoopbackAddress())) {
            return probe.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    static boolean await(Duration limit, BooleanSupplier condition) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline >= 0) {
                return false;
            }
            try {
                Thread.sleep(LOOK_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CommandFailure(ExitCode.INTERRUPTED, "interrupted", e);
            }
        }
        return true;
    }

    private static String died(Path dataDir, String what) {
        Path log = dataDir.resolve(LOG);
        try (Stream<String> lines = Files.lines(log)) {
            List<String> all = lines.toList();
            List<String> last = all.subList(Math.max(0, all.size() - LOG_LINES_SHOWN), all.size());
            return what + "; the end of " + log + ":\n  " + String.join("\n  ", last);
        } catch (IOException e) {
            return what + "; there is no log at " + log;
        }
    }
}
