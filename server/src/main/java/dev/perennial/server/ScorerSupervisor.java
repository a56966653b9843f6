package dev.perennial.server;

import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.ProcessIdentity;
import dev.perennial.kernel.Program;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps this installation's own scorer running: a process of its own that survives the server, found again after a restart by pid, start
 * time and boot id, started again when it died.
 */
final class ScorerSupervisor implements AutoCloseable {
    /** How the names of this installation's own scorers begin. */
    static final String OWN = "local-";

    static final String ID = OWN + "1";

    private static final Logger LOG = LoggerFactory.getLogger(ScorerSupervisor.class);
    private static final long LOOK_MILLIS = 500;
    private static final long PAUSE_NANOS = 250_000_000L;
    private static final long PAUSE_NANOS_MAX = 30_000_000_000L;
    private static final int PAUSE_DOUBLINGS_MAX = 10;
    private static final long STEADY_NANOS = 10_000_000_000L;

    private final ServerSettings settings;
    private final Path folder;
    private final Path blobs;
    private final InternalToken token;
    private final InstallationId installation;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("scorer-supervisor").factory());

    private int failures;
    private long launchedAt = System.nanoTime() - PAUSE_NANOS_MAX;

    ScorerSupervisor(
            ServerSettings settings, Path scorers, Path blobs, InternalToken token, InstallationId installation) {
        this.settings = settings;
        this.folder = scorers.resolve(ID);
        this.blobs = blobs;
        this.token = token;
        this.installation = installation;
    }

    /** Starts or finds the scorer and watches it. */
    void start() {
        timer.scheduleWithFixedDelay(this::ensure, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** The pid of the scorer when it is alive. */
    Optional<Long> pid() {
        return identity().filter(ProcessIdentity::alive).map(ProcessIdentity::pid);
    }

    /** Ends the scorer: a request to finish, then, after the grace, an end. */
    void stop() {
        timer.shutdownNow();
        identity()
                .filter(ProcessIdentity::alive)
                .flatMap(found -> ProcessHandle.of(found.pid()))
                .ifPresent(process -> {
                    process.destroy();
                    try {
                        process.onExit().get(10, TimeUnit.SECONDS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
                        process.destroyForcibly();
                    }
                });
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }

    /** A scorer that dies again and again is started ever more rarely. */
    private void ensure() {
        try {
            if (pid().isPresent()) {
                failures = System.nanoTime() - launchedAt > STEADY_NANOS ? 0 : failures;
            } else if (System.nanoTime() - launchedAt
                    >= Math.min(PAUSE_NANOS_MAX, PAUSE_NANOS << Math.min(failures, PAUSE_DOUBLINGS_MAX))) {
                failures++;
                launchedAt = System.nanoTime();
                launch();
            }
        } catch (IOException | UncheckedIOException | PerennialException e) {
            LOG.error("the scorer cannot be started; see {}", folder.resolve("log"), e);
        }
    }

    private void launch() throws IOException {
        Files.createDirectories(folder.resolve("spool"));
        int port = port();
        List<String> command = new ArrayList<>(List.of(
                "setsid",
                Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(Program.SCORER.flags(settings.dist()));
        command.addAll(List.of("-cp", Program.SCORER.classPath(settings.dist()), "dev.perennial.scorer.ScorerMain"));
        command.addAll(List.of(
                "--server", "http://127.0.0.1:" + settings.port(),
                "--id", ID,
                "--port", Integer.toString(port),
                "--spool", folder.resolve("spool").toString(),
                "--blobs", blobs.toString(),
                "--token-file", token.file().toString(),
                "--installation", installation.value(),
                "--build", Program.SCORER.build(settings.dist())));
        Process process = new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
                .redirectErrorStream(true)
                .start();
        Optional<ProcessIdentity> started = ProcessIdentity.of(process.pid());
        if (started.isPresent()) {
            started.get().write(folder.resolve("pid"));
        }
        LOG.info("scorer {} started with pid {} on port {}", ID, process.pid(), port);
    }

    /** The port that the scorer had before when it is free, otherwise any free one. */
    private int port() throws IOException {
        Path file = folder.resolve("port");
        int wanted =
                Files.exists(file) ? Integer.parseInt(Files.readString(file).strip()) : settings.port() + 1;
        int port = free(wanted) ? wanted : anyFree();
        write(file, Integer.toString(port));
        return port;
    }

    private static boolean free(int port) {
        try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return probe.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    private static int anyFree() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    private Optional<ProcessIdentity> identity() {
        try {
            return ProcessIdentity.read(folder.resolve("pid"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + folder.resolve("pid"), e);
        }
    }

    private static void write(Path file, String text) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(temporary, text);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
