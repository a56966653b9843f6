package dev.perennial.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import picocli.CommandLine;

/** Runs commands as a user would, against a small real HTTP server whose answers the test writes. */
final class CliHarness implements AutoCloseable {
    /** What a command left behind. */
    record Outcome(int exitCode, String out, String err) {}

    record Request(String method, String path, String body, String actor) {}

    private record Answer(int status, String body) {}

    private static final Instant NOW = Instant.parse("2013-06-01T10:00:00Z");

    private final HttpServer server;
    private final Path folder;
    private final Map<String, Deque<Answer>> answers = new ConcurrentHashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final Map<String, String> environment = new HashMap<>();
    private String input = "";

    CliHarness(Path folder) {
        this.folder = folder;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::answer);
        server.start();
        environment.put("HOME", folder.toString());
        environment.put("USER", "maria");
        environment.put("PERENNIAL_SERVER", url().toString());
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** The answer to a request; the last one given for a route stays. */
    CliHarness on(String route, int status, String body) {
        answers.computeIfAbsent(route, key -> new ConcurrentLinkedDeque<>()).add(new Answer(status, body));
        return this;
    }

    CliHarness environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    CliHarness input(String text) {
        input = text;
        return this;
    }

    List<Request> requests() {
        return requests;
    }

    Outcome run(String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream outStream = new PrintStream(out, true, StandardCharsets.UTF_8);
        CliContext context = context(outStream, new PrintStream(err, true, StandardCharsets.UTF_8));
        int code = Main.run(context, new PrintWriter(outStream, true), args);
        return new Outcome(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private CliContext context(PrintStream out, PrintStream err) {
        return new CliContext(
                new Terminal(out, err, false),
                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                environment,
                folder,
                InstantSource.fixed(NOW));
    }

    /** All commands as they are declared. */
    CommandLine.Model.CommandSpec commands() {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        return new CommandLine(new Main(context(nowhere, nowhere))).getCommandSpec();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String route = exchange.getRequestMethod() + " " + exchange.getRequestURI();
        requests.add(new Request(
                exchange.getRequestMethod(),
                exchange.getRequestURI().toString(),
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8),
                exchange.getRequestHeaders().getFirst("X-Perennial-Actor")));
        Deque<Answer> next = answers.get(route);
        Answer answer = next == null
                ? new Answer(404, "{\"error\":{\"code\":\"NOT_FOUND\",\"message\":\"nothing at " + route + "\"}}")
                : next.size() > 1 ? next.poll() : next.peek();
        byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(answer.status(), bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
