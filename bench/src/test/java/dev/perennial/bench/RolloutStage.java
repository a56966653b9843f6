package dev.perennial.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.perennial.events.EventLog;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.lifecycle.Decision;
import dev.perennial.lifecycle.Decisions;
import dev.perennial.lifecycle.EndpointRolloutLoop;
import dev.perennial.lifecycle.EndpointRollouts;
import dev.perennial.lifecycle.People;
import dev.perennial.lifecycle.RolloutBook;
import dev.perennial.rollout.BlockSpec;
import dev.perennial.scorer.ScorerProcess;
import dev.perennial.scorer.ScorerSettings;
import dev.perennial.serving.EndpointCatalogue;
import dev.perennial.serving.EndpointSettings;
import dev.perennial.serving.Endpoints;
import dev.perennial.serving.FuseReports;
import dev.perennial.serving.PredictionLog;
import dev.perennial.serving.RolloutTraffic;
import dev.perennial.serving.ServingAct;
import dev.perennial.serving.Traffic;
import dev.perennial.serving.Variant;
import dev.perennial.serving.VersionRef;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.testkit.SeededIds;
import dev.perennial.testkit.TestClock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * The endpoint {@code churn} on a database, and a scorer that serves it; both by one clock, which stands until it is moved. A small HTTP
 * server carries configurations, segments and reports between them, as the program {@code server} does.
 */
final class RolloutStage implements AutoCloseable {
    static final ModelId ENDPOINT = ModelId.parse("churn");
    private static final String TOKEN = "secret-of-the-test";
    private static final long WAIT_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final TestClock clock = TestClock.fixed();
    private final Store store;
    private final Endpoints endpoints;
    private final FuseReports fuses;
    private final PredictionLog log;
    private final RolloutBook book;
    private final Decisions decisions;
    private final EndpointRollouts rollouts;
    private final EndpointRolloutLoop loop;
    private final Semaphore turned = new Semaphore(0);
    private final HttpServer http;
    private final ScorerProcess scorer;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<Variant> variants = new ArrayList<>();
    private long applied = -1;
    private long flushed;
    private int calls;

    RolloutStage(Path folder) throws IOException {
        var ids = SeededIds.of(1, clock);
        store = Store.open(StoreSettings.local(folder.resolve("data")), clock, ids, new SecureRandom());
        var database = store.database();
        endpoints = new Endpoints(database);
        fuses = new FuseReports(database, clock);
        log = new PredictionLog(database, store.blobs(), clock);
        book = new RolloutBook(database);
        decisions = new Decisions(database, new EventLog(database, clock), clock, ids);
        rollouts = new EndpointRollouts(
                database,
                clock,
                new RolloutTraffic(endpoints, new Traffic(database, clock)),
                book,
                decisions,
                fuses,
                this::delivered);
        loop = new EndpointRolloutLoop(rollouts, turned::release);
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.createContext("/internal/scorers/s1/", this::handle);
        http.start();
        scorer = scorer(folder);
    }

    private ScorerProcess scorer(Path folder) throws IOException {
        String[] flags = {
            "--server", "http://127.0.0.1:" + http.getAddress().getPort(),
            "--id", "s1",
            "--spool", folder.resolve("spool").toString(),
            "--blobs", folder.resolve("data").resolve("blobs").toString(),
            "--native", folder.resolve("natives").toString(),
            "--token-file", Files.writeString(folder.resolve("token"), TOKEN).toString()
        };
        return ScorerProcess.start(ScorerSettings.parse(flags), clock, new SplittableRandom(1));
    }

    /** Makes the endpoint with its first version. */
    void champion(byte[] model) throws InterruptedException {
        new EndpointCatalogue(store.database(), clock)
                .create(new ServingAct("user:ann", "made"), ENDPOINT, "default", List.of(), EndpointSettings.DEFAULT);
        variants.add(variant("churn/1", Variant.Role.champion, Variant.ALL, model));
        hold();
    }

    /** Puts a second version beside the champion and begins its rollout. */
    String begin(byte[] model, String plan) throws InterruptedException {
        variants.add(variant("churn/2", Variant.Role.shadow, 0, model));
        hold();
        String rollout = rollouts.start(
                ENDPOINT, VersionRef.parse("churn/2"), BlockSpec.parse(plan), new People.Act("ann", "a better one"));
        followed();
        return rollout;
    }

    private Variant variant(String version, Variant.Role role, int weight, byte[] model) {
        Digest manifest = store.blobs().put("{\"format\":\"onnx\"}".getBytes(StandardCharsets.UTF_8));
        return Variant.of(
                VersionRef.parse(version), role, weight, manifest, store.blobs().put(model));
    }

    private void hold() throws InterruptedException {
        store.database().writing(tx -> endpoints.variants(tx, ENDPOINT, variants));
        followed();
    }

    /** Waits until the scorer serves as the database says. */
    private void followed() throws InterruptedException {
        long revision = endpoints.revision();
        await("revision " + revision, () -> applied >= revision);
    }

    private synchronized void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + WAIT_NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited in vain for " + what);
            }
            wait(100);
        }
    }

    /** Sends so many calls of one number each, which goes from 0 to below {@code numbers}, each by another caller; all are answered. */
    void serve(int count, int numbers) throws IOException, InterruptedException {
        versionsThatAnswered(count, numbers);
    }

    List<String> versionsThatAnswered(int count, int numbers) throws IOException, InterruptedException {
        List<String> versions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String body = "{\"inputs\":[{\"name\":\"in\",\"datatype\":\"INT64\",\"shape\":[1],\"data\":["
                    + calls % numbers + "]}]}";
            HttpRequest request = HttpRequest.newBuilder(URI.create(scorer.url() + "/v2/models/churn/infer"))
                    .header("X-Perennial-Key", "caller " + calls++)
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build();
            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new AssertionError(answer.statusCode() + " " + answer.body());
            }
            versions.add(Json.parse(answer.body()).path("model_version").asText());
        }
        return versions;
    }

    void hours(int hours) {
        delivered();
        clock.advance(Duration.ofHours(hours));
    }

    /** Lets a minute pass and the judge look. */
    void minute() throws InterruptedException {
        clock.advance(Duration.ofMinutes(1));
        long end = System.nanoTime() + WAIT_NANOS;
        do {
            loop.wake(ENDPOINT);
        } while (!turned.tryAcquire(50, TimeUnit.MILLISECONDS) && running() && System.nanoTime() < end);
        turned.drainPermits();
        followed();
    }

    boolean running() {
        return rollouts.running(ENDPOINT);
    }

    List<Decision> decisions(String rollout) {
        return book.decisions(rollout).stream()
                .map(id -> decisions.find(ENDPOINT, id).orElseThrow())
                .toList();
    }

    /** The last look's guards, as {@code guard verdict why}. */
    List<String> guards(String rollout) {
        return book.looks(rollout).getLast().guards().stream()
                .map(guard -> guard.guard() + " " + guard.verdict() + " " + guard.why())
                .toList();
    }

    /** Who serves, as {@code version role}. */
    List<String> serving() {
        return endpoints.variants(ENDPOINT).stream()
                .map(variant -> variant.version() + " " + variant.role())
                .toList();
    }

    /** Asks the scorer to deliver and waits for it. */
    private OptionalLong delivered() {
        long until = clock.millis();
        long flush = endpoints.askForFlush();
        try {
            await("flush " + flush, () -> flushed >= flush);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return OptionalLong.empty();
        }
        return OptionalLong.of(until);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            String path = exchange.getRequestURI().getPath().substring("/internal/scorers/s1".length());
            switch (path) {
                case "/hello" -> exchange.sendResponseHeaders(404, -1);
                case "/config" -> config(exchange);
                case "/flushed" -> flushed(Json.parse(body).get("flush").asLong());
                case "/fuse" -> fuse(Json.parse(body));
                default -> log.accept("s1", body, exchange.getRequestHeaders().getFirst("X-Perennial-Root"));
            }
            if (exchange.getResponseCode() == -1) {
                exchange.sendResponseHeaders(200, -1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void config(HttpExchange exchange) throws IOException, InterruptedException {
        long known = Long.parseLong(exchange.getRequestURI().getQuery().replaceAll(".*revision=(-?\\d+).*", "$1"));
        synchronized (this) {
            applied = Long.parseLong(exchange.getRequestHeaders().getFirst("X-Perennial-Applied"));
            notifyAll();
        }
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
        while (endpoints.revision() == known && System.nanoTime() < end) {
            synchronized (this) {
                wait(20);
            }
        }
        if (endpoints.revision() == known) {
            exchange.sendResponseHeaders(204, -1);
            return;
        }
        byte[] bytes = Json.canonical(endpoints.config()).getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private synchronized void flushed(long flush) {
        flushed = Math.max(flushed, flush);
        notifyAll();
    }

    private void fuse(JsonNode report) {
        VersionRef version = VersionRef.parse(report.path("version").asText());
        fuses.accept("s1", ENDPOINT, version, report.path("reason").asText(), report);
        loop.wake(ENDPOINT);
    }

    @Override
    public void close() {
        scorer.close();
        loop.close();
        http.stop(0);
        store.close();
    }
}
