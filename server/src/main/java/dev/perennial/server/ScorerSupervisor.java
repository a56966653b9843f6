package dev.perennial.server;

import dev.perennial.kernel.ErrorCode;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps this installation's own scorer running: a process of its own that survives the server, found again after a restart by pid, start
 * time and boot id, started again when it died. One of another build is replaced once while it serves, without a gap, by one that the file
 * {@code pid.next} names until it has the place. Thread-safe.
 */
final class ScorerSupervisor implements AutoCloseable {
    /** How the names of this installation's own scorers begin. */
    static final String OWN = "local-";

    static final String ID = OWN + "1";

    private static final String PID = "pid";
    private static final String NEXT = "pid.next";

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

    private boolean looked;
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
        return alive().map(ProcessIdentity::pid);
    }

    private Optional<ProcessIdentity> alive() {
        return identity().filter(ProcessIdentity::alive);
    }

    /** One process in another's place. */
    record Replaced(long before, long pid) {}

    /**
     * Starts a scorer that takes the running one's place, and waits until it has it.
     *
     * @throws PerennialException when nothing runs that can be replaced, or the new one ends before it has the place; the running one goes on
     */
    Replaced replace(Duration patience) throws InterruptedException {
        ProcessIdentity before;
        ProcessIdentity next;
        try {
            before = alive().orElseThrow(() -> PerennialException.state("no scorer runs; the server starts one"));
            next = launchBeside(before);
        } catch (IOException e) {
            throw new UncheckedIOException("a scorer cannot be started", e);
        }
        long end = System.nanoTime() + patience.toNanos();
        while (before.alive() && next.alive()) {
            if (System.nanoTime() > end) {
                throw new PerennialException(
                        ErrorCode.UNAVAILABLE,
                        "pid " + next.pid() + " has not taken the place of pid " + before.pid() + " yet; see "
                                + folder.resolve("log"));
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS / 10);
        }
        if (!next.alive()) {
            throw PerennialException.state("pid " + next.pid() + " ended before it had the place of pid " + before.pid()
                    + ", which goes on; see " + folder.resolve("log"));
        }
        identity(); // notes who has the place
        return new Replaced(before.pid(), next.pid());
    }

    private synchronized ProcessIdentity launchBeside(ProcessIdentity before) throws IOException {
        if (read(NEXT).filter(ProcessIdentity::alive).isPresent()) {
            throw PerennialException.state("the scorer is being replaced already");
        }
        if (!replaceable(before)) {
            throw PerennialException.state("the scorer, pid " + before.pid() + ", is of a release that cannot be"
                    + " replaced while it serves: end it with SIGTERM, and this server starts the new one; in between,"
                    + " for about a second, connections are refused");
        }
        Path port = folder.resolve("port");
        return launch(Integer.parseInt(Files.readString(port).strip()), NEXT, "--replace", "yes");
    }

    /** One that can be replaced while it serves has said in its spool folder who it is. */
    private boolean replaceable(ProcessIdentity running) throws IOException {
        return ProcessIdentity.read(folder.resolve("spool").resolve("lock"))
                .filter(running::equals)
                .isPresent();
    }

    /** Of the program as whose scorer it runs; empty when it does not say. */
    private static Optional<String> build(ProcessIdentity running) {
        try {
            Path line = Path.of("/proc", Long.toString(running.pid()), "cmdline");
            List<String> words = List.of(Files.readString(line).split("\0"));
            int at = words.indexOf("--build");
            return at < 0 || at + 1 >= words.size() ? Optional.empty() : Optional.of(words.get(at + 1));
        } catch (IOException e) {
            return Optional.empty(); // ended meanwhile
        }
    }

    /** Looks once whether the scorer that this server finds is of another build; one that it starts is not. */
    private void upgrade(ProcessIdentity running) throws IOException {
        if (looked) {
            return;
        }
        looked = true;
        String wanted = Program.SCORER.build(settings.dist());
        if (build(running).filter(wanted::equals).isPresent()) {
            return;
        }
        if (replaceable(running)) {
            LOG.info("scorer {} (pid {}) is of another build and is replaced", ID, running.pid());
            launchBeside(running);
        } else {
            LOG.warn(
                    "scorer {} (pid {}) is of a release that cannot be replaced while it serves; end it with SIGTERM when"
                            + " a second without it does no harm, and this server starts the new one",
                    ID,
                    running.pid());
        }
    }

    /** Ends the scorer: a request to finish, then, after the grace, an end. */
    void stop() {
        timer.shutdownNow();
        Stream.of(PID, NEXT)
                .flatMap(file -> read(file).stream())
                .filter(ProcessIdentity::alive)
                .flatMap(found -> ProcessHandle.of(found.pid()).stream())
                .forEach(process -> {
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
            Optional<ProcessIdentity> running = alive();
            if (running.isPresent()) {
                upgrade(running.get());
                failures = System.nanoTime() - launchedAt > STEADY_NANOS ? 0 : failures;
            } else if (System.nanoTime() - launchedAt
                    >= Math.min(PAUSE_NANOS_MAX, PAUSE_NANOS << Math.min(failures, PAUSE_DOUBLINGS_MAX))) {
                failures++;
                launchedAt = System.nanoTime();
                launch(port(), PID);
            }
        } catch (IOException | UncheckedIOException | PerennialException e) {
            LOG.error("the scorer cannot be started; see {}", folder.resolve("log"), e);
        }
    }

    private synchronized ProcessIdentity launch(int port, String mark, String... flags) throws IOException {
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
        command.addAll(List.of(flags));
        Process process = new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
                .redirectErrorStream(true)
                .start();
        ProcessIdentity started = ProcessIdentity.of(process.pid())
                .orElseThrow(() -> new IOException("pid " + process.pid() + " ended at once"));
        started.write(folder.resolve(mark));
        LOG.info("scorer {} started with pid {} on port {}", ID, process.pid(), port);
        return started;
    }

    /** The port that the scorer had before when it is free, otherwise any free one. */
    private int port() throws IOException {
        Files.createDirectories(folder.resolve("spool"));
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

    /** One that replaces another has its place when that one is gone. */
    private synchronized Optional<ProcessIdentity> identity() {
        Optional<ProcessIdentity> current = read(PID);
        Optional<ProcessIdentity> next = read(NEXT);
        if (next.isEmpty()
                || (current.filter(ProcessIdentity::alive).isPresent()
                        && next.get().alive())) {
            return current;
        }
        try {
            if (next.get().alive()) {
                Files.move(folder.resolve(NEXT), folder.resolve(PID), StandardCopyOption.ATOMIC_MOVE);
                return next;
            }
            LOG.error(
                    "pid {} ended before it had the scorer's place; see {}",
                    next.get().pid(),
                    folder.resolve("log"));
            Files.delete(folder.resolve(NEXT));
            return current;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot note who is the scorer in " + folder, e);
        }
    }

    private Optional<ProcessIdentity> read(String file) {
        try {
            return ProcessIdentity.read(folder.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + folder.resolve(file), e);
        }
    }

    private static void write(Path file, String text) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(temporary, text);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
