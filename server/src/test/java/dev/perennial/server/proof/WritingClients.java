package dev.perennial.server.proof;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Clients that log into runs as fast as they are answered, and remember every write that was acknowledged: a metric, a parameter and a tag
 * in one batch, then a file. A write whose connection broke may or may not have happened; the client begins a new run then.
 */
final class WritingClients implements AutoCloseable {
    private static final String API = "/api/2.0/mlflow/";
    private static final String FILES = "/api/2.0/mlflow-artifacts/artifacts/";
    private static final int WRITES_OF_A_RUN = 15;

    private final URI server;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final List<Written> acknowledged = Collections.synchronizedList(new ArrayList<>());
    private final AtomicBoolean going = new AtomicBoolean(true);
    private final AtomicInteger refused = new AtomicInteger();
    private final List<Thread> threads = new ArrayList<>();

    /** What a server said was durable. */
    record Written(Kind kind, String run, int number) {
        enum Kind {
            BATCH,
            FILE
        }
    }

    private WritingClients(int port) {
        this.server = URI.create("http://127.0.0.1:" + port);
    }

    /** Starts clients against a server. */
    static WritingClients start(int port, int count) {
        WritingClients clients = new WritingClients(port);
        for (int i = 0; i < count; i++) {
            clients.threads.add(Thread.ofPlatform().name("client-" + i).start(clients::writeOn));
        }
        return clients;
    }

    /** Only reads, to check what others wrote. */
    static WritingClients reader(int port) {
        return new WritingClients(port);
    }

    List<Written> acknowledged() {
        synchronized (acknowledged) {
            return List.copyOf(acknowledged);
        }
    }

    /** Waits until so many writes were acknowledged. */
    List<Written> awaitAcknowledged(int count) {
        Until.isTrue(count + " writes", Duration.ofSeconds(120), () -> acknowledged.size() >= count);
        return acknowledged();
    }

    /** Answers that were neither good nor a broken connection. */
    int refused() {
        return refused.get();
    }

    void stop() {
        going.set(false);
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            }
        }
    }

    private void writeOn() {
        while (going.get()) {
            try {
                writeRun();
            } catch (IOException e) {
                Until.pause(20); // the server is gone; a new run when it is back
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void writeRun() throws IOException, InterruptedException {
        String run = post("runs/create", Json.object().put("experiment_id", "0").put("start_time", 1000L))
                .at("/run/info/run_id")
                .asText();
        for (int n = 0; n < WRITES_OF_A_RUN && going.get() && !run.isEmpty(); n++) {
            post("runs/log-batch", batch(run, n));
            acknowledged.add(new Written(Written.Kind.BATCH, run, n));
            HttpResponse<String> file = send("PUT", FILES + path(run, n), content(run, n));
            if (file.statusCode() != 200) {
                refused.incrementAndGet();
                return;
            }
            acknowledged.add(new Written(Written.Kind.FILE, run, n));
        }
    }

    private static ObjectNode batch(String run, int n) {
        ObjectNode batch = Json.object().put("run_id", run);
        batch.putArray("metrics")
                .addObject()
                .put("key", "loss")
                .put("value", 1.0 / (n + 1))
                .put("timestamp", 1000 + n)
                .put("step", n);
        batch.putArray("params").addObject().put("key", "p" + n).put("value", value(run, n));
        batch.putArray("tags").addObject().put("key", "t" + n).put("value", value(run, n));
        return batch;
    }

    private static String value(String run, int n) {
        return run.substring(0, 6) + "-" + n;
    }

    private static String path(String run, int n) {
        return "0/" + run + "/artifacts/f" + n + ".txt";
    }

    private static String content(String run, int n) {
        return ("file " + n + " of " + run + "\n").repeat(n + 1);
    }

    private JsonNode post(String call, ObjectNode body) throws IOException, InterruptedException {
        HttpResponse<String> answer = send("POST", API + call, body.toString());
        if (answer.statusCode() != 200) {
            refused.incrementAndGet();
            throw new IOException(answer.body());
        }
        return Json.parse(answer.body());
    }

    private HttpResponse<String> send(String method, String path, String body)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(server.resolve(path)).timeout(Duration.ofSeconds(60));
        request.method(
                method,
                body.isEmpty()
                        ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8));
        if (method.equals("POST")) {
            request.header("Content-Type", "application/json");
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Reads everything back: what was acknowledged is there, and no point of a curve is there twice. */
    void check(List<Written> expected) throws IOException, InterruptedException {
        Map<String, List<Written>> byRun = new HashMap<>();
        expected.forEach(written ->
                byRun.computeIfAbsent(written.run(), run -> new ArrayList<>()).add(written));
        for (Map.Entry<String, List<Written>> run : byRun.entrySet()) {
            check(run.getKey(), run.getValue());
        }
    }

    private void check(String run, List<Written> expected) throws IOException, InterruptedException {
        JsonNode data = get(API + "runs/get?run_id=" + run).at("/run/data");
        List<Integer> steps = new ArrayList<>();
        get(API + "metrics/get-history?metric_key=loss&run_id=" + run)
                .path("metrics")
                .forEach(point -> steps.add(point.path("step").asInt()));
        assertThat(steps).as("steps of " + run).doesNotHaveDuplicates();
        for (Written written : expected) {
            int n = written.number();
            if (written.kind() == Written.Kind.FILE) {
                assertThat(send("GET", FILES + path(run, n), "").body())
                        .as("file %d of run %s", n, run)
                        .isEqualTo(content(run, n));
            } else {
                assertThat(steps).as("steps of " + run).contains(n);
                assertThat(values(data.path("params"), "p" + n)).containsExactly(value(run, n));
                assertThat(values(data.path("tags"), "t" + n)).containsExactly(value(run, n));
            }
        }
    }

    private static List<String> values(JsonNode pairs, String key) {
        return Stream.iterate(0, i -> i < pairs.size(), i -> i + 1)
                .map(pairs::get)
                .filter(pair -> pair.path("key").asText().equals(key))
                .map(pair -> pair.path("value").asText())
                .toList();
    }

    /** An answer that must be good. */
    JsonNode get(String path) throws IOException, InterruptedException {
        HttpResponse<String> answer = send("GET", path, "");
        assertThat(answer.statusCode()).as(path + ": " + answer.body()).isEqualTo(200);
        return Json.parse(answer.body());
    }

    @Override
    public void close() {
        stop();
        http.close();
    }
}
