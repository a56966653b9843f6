package dev.perennial.scorer;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.perennial.kernel.Json;
import dev.perennial.predictionlog.LogRecord;
import dev.perennial.predictionlog.Segment;
import dev.perennial.predictionlog.SegmentReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A small real HTTP server that plays the server's internal routes. Its state survives {@link #stop} and {@link #start}. */
final class ControlServer implements AutoCloseable {
    static final String TOKEN = "secret-of-the-test";
    private static final long WAIT_SECONDS = 60;

    private final TreeMap<String, byte[]> segments = new TreeMap<>();
    private final List<JsonNode> fuses = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private final List<JsonNode> hellos = new ArrayList<>();
    private final Set<String> protocols = new HashSet<>();
    private final List<String> wishes = new ArrayList<>();
    private int ahead;
    private final Set<String> instances = new HashSet<>();
    private String refusedHello = "";
    private String welcome = "";
    private String config = "";
    private long revision = -1;
    private long applied = -1;
    private long flushed;
    private int puts;
    private String foreign = "";
    private int port;
    private HttpServer http;

    ControlServer() throws IOException {
        start();
    }

    void start() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 64);
        port = http.getAddress().getPort();
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.createContext("/internal/scorers/s1/", this::handle);
        http.start();
    }

    void stop() {
        http.stop(0);
    }

    @Override
    public void close() {
        stop();
    }

    int port() {
        return port;
    }

    /**
     * Starts a scorer that asks this server and keeps everything in a folder.
     *
     * @param flags more than the necessary ones
     */
    ScorerProcess scorer(Path folder, String... flags) throws IOException {
        return scorer(folder, InstantSource.system(), flags);
    }

    /** The same with a clock of its own. */
    ScorerProcess scorer(Path folder, InstantSource clock, String... flags) throws IOException {
        Files.writeString(folder.resolve("token"), TOKEN);
        List<String> all = new ArrayList<>(List.of(
                "--server",
                "http://127.0.0.1:" + port,
                "--id",
                "s1",
                "--spool",
                folder.resolve("spool").toString(),
                "--blobs",
                folder.resolve("blobs").toString(),
                "--token-file",
                folder.resolve("token").toString()));
        all.addAll(List.of(flags));
        return ScorerProcess.start(ScorerSettings.parse(all.toArray(new String[0])), clock, new SplittableRandom(1));
    }

    /** From now on every call of this installation is refused as another's. */
    synchronized void refuse(String installation) {
        foreign = installation;
    }

    private synchronized boolean refused(HttpExchange exchange) {
        return !foreign.isEmpty() && foreign.equals(exchange.getRequestHeaders().getFirst("X-Perennial-Installation"));
    }

    synchronized void configure(long newRevision, String json) {
        revision = newRevision;
        config = json;
        notifyAll();
    }

    /** Sets a configuration and waits until the scorer says that it is in effect. */
    void apply(long newRevision, String json) throws InterruptedException {
        configure(newRevision, json);
        await("revision " + newRevision + " applied", () -> applied >= newRevision);
    }

    void awaitFlush(long flush) throws InterruptedException {
        await("flush " + flush, () -> flushed >= flush);
    }

    synchronized void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        while (!condition.getAsBoolean()) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                throw new AssertionError("waited in vain for " + what + "; violations " + violations);
            }
            wait(Math.min(left, 100));
        }
    }

    synchronized long flushed() {
        return flushed;
    }

    synchronized List<LogRecord> records() {
        List<LogRecord> records = new ArrayList<>();
        segments.values().forEach(bytes -> SegmentReader.read(bytes).forEach(records::add));
        return records;
    }

    synchronized List<Segment> segments() {
        return segments.values().stream().map(SegmentReader::read).toList();
    }

    synchronized int segmentCount() {
        return segments.size();
    }

    synchronized long appliedRevision() {
        return applied;
    }

    synchronized int puts() {
        return puts;
    }

    synchronized List<JsonNode> fuses() {
        return List.copyOf(fuses);
    }

    synchronized List<String> violations() {
        return List.copyOf(violations);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            String path = exchange.getRequestURI().getPath().substring("/internal/scorers/s1".length());
            if (!("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                exchange.sendResponseHeaders(401, -1);
                return;
            }
            if (refused(exchange)) {
                exchange.sendResponseHeaders(409, -1);
                return;
            }
            switch (path) {
                case "/hello" -> hello(exchange, body);
                case "/warmth" -> warmth(exchange, Json.parse(body));
                case "/config" -> config(exchange);
                case "/flushed" -> flushed(Json.parse(body).get("flush").asLong());
                case "/fuse" -> fuse(Json.parse(body));
                default -> segment(exchange, path, body);
            }
            if (exchange.getResponseCode() == -1) {
                exchange.sendResponseHeaders(200, -1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** As a server of protocol 1 it does not know the question. */
    private synchronized void hello(HttpExchange exchange, byte[] body) throws IOException {
        hellos.add(Json.parse(body));
        notifyAll();
        if (!refusedHello.isEmpty()) {
            byte[] why = refusedHello.getBytes(java.nio.charset.StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(400, why.length);
            exchange.getResponseBody().write(why);
            return;
        }
        if (welcome.isEmpty()) {
            exchange.sendResponseHeaders(404, -1);
            return;
        }
        byte[] bytes = welcome.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    /** What takes traffic is not unloaded; the rest is left to the test, which configures anew. */
    private synchronized void warmth(HttpExchange exchange, JsonNode wish) throws IOException {
        String shown = exchange.getRequestHeaders().getFirst("X-Perennial-Caller-Authorization");
        wishes.add(shown + " " + wish);
        boolean refused =
                !wish.path("load").asBoolean() && wish.path("versions").isEmpty();
        String told = refused
                ? "{\"error\":{\"code\":\"CONFLICT\",\"message\":\"version m/1 is its champion and takes traffic\"}}"
                : "{\"revision\":" + (revision + ahead) + "}";
        byte[] bytes = told.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(refused ? 409 : 200, bytes.length);
        exchange.getResponseBody().write(bytes);
        notifyAll();
    }

    /** By how much the revision that wishes are answered with is ahead of the configuration. */
    synchronized void ahead(int revisions) {
        ahead = revisions;
    }

    synchronized List<String> wishes() {
        return List.copyOf(wishes);
    }

    /** From now on it speaks protocol 2. */
    synchronized void welcome(String json) {
        welcome = json;
    }

    /** From now on each hello is refused for this reason; none when it is empty. */
    synchronized void refuseHello(String why) {
        refusedHello = why;
    }

    /** What the scorer said of which run it is when it asked for its configuration. */
    synchronized Set<String> instances() {
        return Set.copyOf(instances);
    }

    synchronized List<JsonNode> hellos() {
        return List.copyOf(hellos);
    }

    /** The protocols that the scorer named when it asked for its configuration. */
    synchronized Set<String> protocols() {
        return Set.copyOf(protocols);
    }

    private synchronized void config(HttpExchange exchange) throws IOException, InterruptedException {
        String query = exchange.getRequestURI().getQuery();
        long known = Long.parseLong(query.replaceAll(".*revision=(-?\\d+).*", "$1"));
        applied = Long.parseLong(exchange.getRequestHeaders().getFirst("X-Perennial-Applied"));
        instances.add(exchange.getRequestHeaders().getFirst("X-Perennial-Instance"));
        protocols.add(exchange.getRequestHeaders().getFirst("X-Perennial-Protocol"));
        if (!exchange.getRequestHeaders().getFirst("X-Perennial-Scorer-Url").startsWith("http://127.0.0.1:")) {
            violations.add("no scorer URL");
        }
        notifyAll();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
        while (known == revision && System.nanoTime() < end) {
            wait(100);
        }
        if (known == revision) {
            exchange.sendResponseHeaders(204, -1);
            return;
        }
        byte[] bytes = config.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private synchronized void flushed(long flush) {
        flushed = Math.max(flushed, flush);
        notifyAll();
    }

    private synchronized void fuse(JsonNode report) {
        fuses.add(report);
        notifyAll();
    }

    private synchronized void segment(HttpExchange exchange, String path, byte[] body) {
        Segment segment = SegmentReader.read(body);
        puts++;
        byte[] before = segments.putIfAbsent(path, body);
        if (before != null && !java.util.Arrays.equals(before, body)) {
            violations.add(path + " came twice with different bytes");
        }
        if (!segment.sealed()
                || !segment.root().hex().equals(exchange.getRequestHeaders().getFirst("X-Perennial-Root"))) {
            violations.add(path + " is not sealed or its root differs");
        }
        if (!path.equals("/segments/" + segment.header().generation() + "/"
                + segment.header().number())) {
            violations.add(path + " is not the segment it claims to be");
        }
        notifyAll();
    }
}
