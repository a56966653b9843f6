package dev.perennial.scorer;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.perennial.kernel.Json;
import dev.perennial.predictionlog.Segment;
import dev.perennial.predictionlog.SegmentReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A small real HTTP or HTTPS server that plays the server's public routes for standalone scorers. */
final class PublicServer implements AutoCloseable {
    static final String TOKEN = "pnl_svc_token_of_the_test";
    private static final int PIECE = 4 << 20;
    private static final long WAIT_SECONDS = 60;
    private static final Pattern FROM = Pattern.compile("from=(\\d+)");

    private final HttpServer http;
    private final Map<String, byte[]> blobs = new HashMap<>();
    private final List<String> asked = new ArrayList<>();
    private final Map<String, byte[]> segments = new TreeMap<>();
    private final Map<String, Long> applied = new HashMap<>();
    private final List<JsonNode> hellos = new ArrayList<>();
    private final AtomicInteger broken = new AtomicInteger();
    private String config = "";
    private long revision = -1;
    private boolean open = true;

    /** @param tls null for plain HTTP */
    PublicServer(@Nullable SSLContext tls) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        if (tls == null) {
            http = HttpServer.create(address, 64);
        } else {
            HttpsServer secure = HttpsServer.create(address, 64);
            secure.setHttpsConfigurator(new HttpsConfigurator(tls));
            http = secure;
        }
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.createContext("/api/scorers/", this::handle);
        http.start();
    }

    int port() {
        return http.getAddress().getPort();
    }

    /** Keeps a blob under a digest, which need not be its own. */
    synchronized void blob(String digest, byte[] bytes) {
        blobs.put(digest, bytes);
    }

    /** The next so many pieces of blobs end in an error. */
    void breakPieces(int count) {
        broken.set(count);
    }

    /** Whether tokens are taken. */
    synchronized void taking(boolean now) {
        open = now;
    }

    synchronized void configure(long newRevision, String json) {
        revision = newRevision;
        config = json;
        notifyAll();
    }

    void awaitApplied(String scorer, long wanted) throws InterruptedException {
        await("revision " + wanted + " at " + scorer, () -> applied.getOrDefault(scorer, -1L) >= wanted);
    }

    synchronized void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        while (!condition.getAsBoolean()) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                throw new AssertionError("waited in vain for " + what + "; asked " + asked);
            }
            wait(Math.min(left, 100));
        }
    }

    /** Whether a scorer came through at all. */
    synchronized boolean asked() {
        return !applied.isEmpty();
    }

    /** Pieces of blobs that were asked for, as {@code DIGEST from N}. */
    synchronized List<String> pieces() {
        return List.copyOf(asked);
    }

    /** Records by the scorer that delivered them. */
    synchronized Map<String, Integer> records() {
        Map<String, Integer> records = new TreeMap<>();
        segments.forEach((path, bytes) ->
                records.merge(path.split("/")[3], SegmentReader.read(bytes).count(), Integer::sum));
        return records;
    }

    @Override
    public void close() {
        http.stop(0);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            String path = exchange.getRequestURI().getPath();
            String[] parts = path.split("/");
            if (!taken(exchange)) {
                exchange.sendResponseHeaders(401, -1);
                return;
            }
            switch (parts[4]) {
                case "hello" -> {
                    hello(body);
                    answer(
                            exchange,
                            "{\"protocol\":2,\"segment\":1,\"heartbeatMillis\":1000}".getBytes(StandardCharsets.UTF_8));
                }
                case "config" -> config(exchange, parts[3]);
                case "blobs" -> piece(exchange, parts[5]);
                case "segments" -> segment(exchange, path, body);
                default -> exchange.sendResponseHeaders(204, -1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void hello(byte[] body) {
        hellos.add(Json.parse(body));
        notifyAll();
    }

    /** What a scorer said last of the environments that it lacks. */
    synchronized JsonNode environments() {
        return hellos.isEmpty() ? Json.array() : hellos.getLast().path("environments");
    }

    private synchronized boolean taken(HttpExchange exchange) {
        String shown = exchange.getRequestHeaders().getFirst("Authorization");
        return open && (shown == null || shown.equals("Bearer " + TOKEN));
    }

    private static void answer(HttpExchange exchange, byte[] bytes) throws IOException {
        exchange.sendResponseHeaders(200, bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) {
            exchange.getResponseBody().write(bytes);
        }
    }

    private void config(HttpExchange exchange, String scorer) throws IOException, InterruptedException {
        byte[] told;
        synchronized (this) {
            long known = Long.parseLong(exchange.getRequestURI().getQuery().replaceAll(".*revision=(-?\\d+).*", "$1"));
            applied.put(scorer, Long.parseLong(exchange.getRequestHeaders().getFirst("X-Perennial-Applied")));
            notifyAll();
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
            while (known == revision && System.nanoTime() < end) {
                wait(50);
            }
            told = known == revision ? new byte[0] : config.getBytes(StandardCharsets.UTF_8);
        }
        if (told.length == 0) {
            exchange.sendResponseHeaders(204, -1);
        } else {
            answer(exchange, told);
        }
    }

    private void piece(HttpExchange exchange, String digest) throws IOException {
        Matcher from = FROM.matcher(exchange.getRequestURI().getQuery());
        int at = from.find() ? Integer.parseInt(from.group(1)) : 0;
        byte[] blob;
        synchronized (this) {
            asked.add(digest + " from " + at);
            notifyAll();
            blob = blobs.get(digest);
        }
        if (blob == null) {
            exchange.sendResponseHeaders(404, -1);
        } else if (broken.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            exchange.sendResponseHeaders(500, -1);
        } else {
            answer(
                    exchange,
                    java.util.Arrays.copyOfRange(blob, Math.min(at, blob.length), Math.min(blob.length, at + PIECE)));
        }
    }

    private synchronized void segment(HttpExchange exchange, String path, byte[] body) throws IOException {
        Segment segment = SegmentReader.read(body);
        if (!segment.header().scorer().equals(path.split("/")[3])) {
            exchange.sendResponseHeaders(400, -1);
            return;
        }
        segments.put(path, body);
        notifyAll();
        exchange.sendResponseHeaders(200, -1);
    }
}
