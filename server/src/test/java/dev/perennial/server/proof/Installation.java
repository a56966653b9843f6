package dev.perennial.server.proof;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.ProcessIdentity;
import dev.perennial.kernel.Program;
import dev.perennial.testkit.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * One server on a free port with its own data directory, its scorer and its workers: the programs that a user gets, as processes that a
 * test can kill. {@link #close} ends all of them.
 */
final class Installation implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(90);

    private final Path folder;
    private final Path data;
    private final int port;
    private final Web web;
    private final Map<String, String> variables = new HashMap<>();
    private Process server;

    private Installation(Path folder, int port, String... headers) {
        this.folder = folder;
        this.data = folder.resolve("data");
        this.port = port;
        this.web = new Web(port, headers);
    }

    /** Starts a server on an empty data directory inside {@code folder}; {@code flags} are JVM flags of the server. */
    static Installation start(Path folder, String... flags) throws IOException {
        return startWith(folder, "", flags);
    }

    /** As {@link #start}, and every Java program of the installation gets {@code childFlags} too. */
    static Installation startWith(Path folder, String childFlags, String... flags) throws IOException {
        Installation installation = new Installation(folder, FreePort.any());
        installation.childFlags(childFlags);
        installation.startServer(flags);
        return installation;
    }

    /** As {@link #start}; the processes have these variables too. */
    static Installation startWith(Path folder, Map<String, String> variables, String... flags) throws IOException {
        Installation installation = new Installation(folder, freePort());
        installation.variables.putAll(variables);
        installation.childFlags("");
        installation.startServer(flags);
        return installation;
    }

    /** As {@link #start}, but callers sign in; {@link #web} is the administrator {@code root} with {@code password}. */
    static Installation guarded(Path folder, String password) throws IOException {
        String pair = Base64.getEncoder().encodeToString(("root:" + password).getBytes(StandardCharsets.UTF_8));
        Installation installation = new Installation(folder, FreePort.any(), "Authorization: Basic " + pair);
        installation.childFlags("");
        installation.startServer(
                "-Dperennial.auth=true", "-Dperennial.admin.username=root", "-Dperennial.admin.password=" + password);
        return installation;
    }

    Path data() {
        return data;
    }

    int port() {
        return port;
    }

    Web web() {
        return web;
    }

    /** Starts the server and waits until it answers. */
    void startServer(String... flags) throws IOException {
        launchServer(flags);
        Until.isTrue("the server answers; see " + log(), START, () -> {
            if (!server.isAlive()) {
                throw new AssertionError("the server ended with " + server.exitValue() + "; its log says\n" + log());
            }
            return web.tryGet("/api/status").isPresent();
        });
    }

    /** Starts the server without waiting. */
    void launchServer(String... flags) throws IOException {
        Path dist = Distribution.folder();
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(Program.SERVER.flags(dist));
        command.addAll(List.of("-Dperennial.data-dir=" + data, "-Dperennial.port=" + port, "-Dperennial.dist=" + dist));
        command.addAll(List.of(flags));
        command.addAll(List.of("-jar", Program.SERVER.classPath(dist)));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("server.log").toFile()));
        builder.environment().putAll(variables);
        builder.environment().putAll(Map.of("JDK_JAVA_OPTIONS", "@" + children()));
        server = builder.start();
    }

    /** Every Java program that the server starts from now on gets these flags too. */
    void childFlags(String flags) throws IOException {
        Files.writeString(children(), flags);
    }

    boolean serverLives() {
        return server.isAlive();
    }

    void killServer() {
        server.destroyForcibly();
        server.onExit().join();
    }

    /** STOP cuts the server off from everybody, as a network does that loses every packet; CONT brings it back. */
    void signalServer(String name) throws IOException {
        new ProcessBuilder("kill", "-" + name, Long.toString(server.pid()))
                .start()
                .onExit()
                .join();
    }

    /** Asks the server to end, as Ctrl-C does; returns its exit code. */
    int stopServer(Duration patience) throws InterruptedException {
        server.destroy();
        if (!server.waitFor(patience.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("the server does not end; its log says\n" + log());
        }
        return server.exitValue();
    }

    /** Kills the scorer with signal 9; false when none was alive. */
    boolean killScorer() {
        return scorerPid()
                .flatMap(ProcessHandle::of)
                .map(ProcessHandle::destroyForcibly)
                .orElse(false);
    }

    Optional<Long> scorerPid() {
        return pid(data.resolve("scorer/local-1/pid")).filter(this::ours);
    }

    /** Kills every living worker with signal 9; returns how many there were. */
    int killWorkers() {
        return (int) workerPids().stream()
                .flatMap(pid -> ProcessHandle.of(pid).stream())
                .filter(ProcessHandle::destroyForcibly)
                .count();
    }

    List<Long> workerPids() {
        Path workers = data.resolve("workers");
        if (!Files.isDirectory(workers)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(workers)) {
            return folders.map(worker -> worker.resolve("pid"))
                    .flatMap(file -> pid(file).stream())
                    .filter(this::ours)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Base address of the scorer once it has polled the server with every configuration there is. */
    URI scorer() {
        return Until.isThere(
                "a scorer is alive",
                START,
                () -> web.tryGet("/api/status").flatMap(status -> {
                    for (JsonNode scorer : status.path("scorers")) {
                        if (scorer.path("alive").asBoolean()
                                && !scorer.path("url").asText().isEmpty()) {
                            return Optional.of(URI.create(scorer.path("url").asText()));
                        }
                    }
                    return Optional.empty();
                }));
    }

    String log() {
        try {
            Path log = folder.resolve("server.log");
            String text = Files.exists(log) ? Files.readString(log) : "";
            return text.substring(Math.max(0, text.length() - 6000));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        killServer();
        killWorkers();
        killScorer();
        // a server that was ending may have started one more
        Until.pause(100);
        killWorkers();
        killScorer();
    }

    /** A number of a process is only ours when its command line names our data directory: numbers are used again. */
    private boolean ours(long pid) {
        try {
            Path line = Path.of("/proc", Long.toString(pid), "cmdline");
            return Files.exists(line) && Files.readString(line).contains(data.toString());
        } catch (IOException e) {
            return false;
        }
    }

    private Path children() {
        return folder.resolve("children.flags");
    }

    private static Optional<Long> pid(Path file) {
        try {
            return ProcessIdentity.read(file).map(ProcessIdentity::pid);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
