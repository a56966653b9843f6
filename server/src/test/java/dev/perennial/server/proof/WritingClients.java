package dev.perennial.server.proof;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
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
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Clients that log into runs as fast as they are answered, and remember every write that was acknowledged: a metric, a parameter and a tag
 * in one batch, then a file; with each run a registered model, and now and then a version of a model that several clients share, with an
 * alias. A write whose connection broke may or may not have happened; the client begins a new run then.
 */
final class WritingClients implements AutoCloseable {
    private static final String API = "/api/2.0/mlflow/";
    private static final String FILES = "/api/2.0/mlflow-artifacts/artifacts/";
    private static final int WRITES_OF_A_RUN = 15;
    private static final int WRITES_OF_A_VERSION = 5;
    private static final int SHARED_MODELS = 2;
    private static final int PAGE = 1000;

    private final URI server;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final List<Written> acknowledged = Collections.synchronizedList(new ArrayList<>());
    private final AtomicBoolean going = new AtomicBoolean(true);
    private final AtomicInteger refused = new AtomicInteger();
    private final List<Thread> threads = new ArrayList<>();

    /**
     * What a server said was durable.
     *
     * @param run or the name of a registered model
     * @param number of the write, or of the version
     * @param detail what a version or an alias is called; no other is called so
     */
    record Written(Kind kind, String run, int number, String detail) {
        enum Kind {
            BATCH,
            FILE,
            MODEL,
            VERSION,
            ALIAS;

            boolean ofRegistry() {
                return this == MODEL || this == VERSION || this == ALIAS;
            }
        }
    }

    private WritingClients(int port) {
        this.server = URI.create("http://127.0.0.1:" + port);
    }

    /** Starts clients against a server. */
    static WritingClients start(int port, int count) {
        WritingClients clients = new WritingClients(port);
        for (int i = 0; i < count; i++) {
            String shared = "shared-" + i % SHARED_MODELS;
            clients.threads.add(Thread.ofPlatform().name("client-" + i).start(() -> clients.writeOn(shared)));
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

    private void writeOn(String shared) {
        while (going.get()) {
            try {
                create(shared);
                writeRun(shared);
            } catch (IOException e) {
                Until.pause(20); // the server is gone; a new run when it is back
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Makes a model that several make at once. */
    private void create(String model) throws IOException, InterruptedException {
        HttpResponse<String> answer = send(
                "POST",
                API + "registered-models/create",
                Json.object().put("name", model).toString());
        if (answer.statusCode() != 200 && !answer.body().contains("RESOURCE_ALREADY_EXISTS")) {
            refused.incrementAndGet();
            throw new IOException(answer.body());
        }
        acknowledged.add(new Written(Written.Kind.MODEL, model, 0, ""));
    }

    private void writeVersion(String model, String name) throws IOException, InterruptedException {
        int number = post(
                        "model-versions/create",
                        Json.object()
                                .put("name", model)
                                .put("source", "s3://bucket/" + name)
                                .put("description", name))
                .at("/model_version/version")
                .asInt();
        acknowledged.add(new Written(Written.Kind.VERSION, model, number, name));
        post(
                "registered-models/alias",
                Json.object().put("name", model).put("alias", "a-" + name).put("version", String.valueOf(number)));
        acknowledged.add(new Written(Written.Kind.ALIAS, model, number, name));
    }

    private void writeRun(String shared) throws IOException, InterruptedException {
        String run = post("runs/create", Json.object().put("experiment_id", "0").put("start_time", 1000L))
                .at("/run/info/run_id")
                .asText();
        create("of-" + run);
        for (int n = 0; n < WRITES_OF_A_RUN && going.get() && !run.isEmpty(); n++) {
            post("runs/log-batch", batch(run, n));
            acknowledged.add(new Written(Written.Kind.BATCH, run, n, ""));
            HttpResponse<String> file = send("PUT", FILES + path(run, n), content(run, n));
            if (file.statusCode() != 200) {
                refused.incrementAndGet();
                return;
            }
            acknowledged.add(new Written(Written.Kind.FILE, run, n, ""));
            if (n % WRITES_OF_A_VERSION == 0) {
                writeVersion(shared, run + "-" + n);
            }
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

    /**
     * Reads everything back: what was acknowledged is there, no point of a curve and no version is there twice, and the numbers of a
     * model's versions are 1, 2, 3 to the last.
     */
    void check(List<Written> expected) throws IOException, InterruptedException {
        Map<String, List<Written>> runs = new HashMap<>();
        Map<String, List<Written>> models = new HashMap<>();
        expected.forEach(written -> (written.kind().ofRegistry() ? models : runs)
                .computeIfAbsent(written.run(), run -> new ArrayList<>())
                .add(written));
        for (Map.Entry<String, List<Written>> run : runs.entrySet()) {
            check(run.getKey(), run.getValue());
        }
        for (Map.Entry<String, List<Written>> model : models.entrySet()) {
            checkModel(model.getKey(), model.getValue());
        }
    }

    private void checkModel(String name, List<Written> expected) throws IOException, InterruptedException {
        JsonNode model = get(API + "registered-models/get?name=" + name).path("registered_model");
        Map<Integer, String> versions = versions(name);
        assertThat(versions.keySet())
                .as("numbers of " + name)
                .isEqualTo(IntStream.rangeClosed(1, versions.size())
                        .boxed()
                        .collect(Collectors.toCollection(TreeSet::new)));
        assertThat(versions.values()).as("versions of " + name).doesNotHaveDuplicates();
        Map<String, String> aliases = new HashMap<>();
        model.path("aliases")
                .forEach(alias -> aliases.put(
                        alias.path("alias").asText(), alias.path("version").asText()));
        for (Written written : expected) {
            if (written.kind() == Written.Kind.VERSION) {
                assertThat(versions).containsEntry(written.number(), written.detail());
            } else if (written.kind() == Written.Kind.ALIAS) {
                assertThat(aliases).containsEntry("a-" + written.detail(), String.valueOf(written.number()));
            }
        }
    }

    /** The descriptions of all versions of a model by number. */
    private Map<Integer, String> versions(String name) throws IOException, InterruptedException {
        Map<Integer, String> versions = new TreeMap<>();
        String token = "";
        do {
            JsonNode page = get(API + "model-versions/search?max_results=" + PAGE + "&filter=name%3D%27" + name
                    + "%27&page_token=" + token);
            page.path("model_versions")
                    .forEach(version -> assertThat(versions.put(
                                    version.path("version").asInt(),
                                    version.path("description").asText()))
                            .as("version %s of %s is there once", version.path("version"), name)
                            .isNull());
            token = URLEncoder.encode(page.path("next_page_token").asText(""), StandardCharsets.UTF_8);
        } while (!token.isEmpty());
        return versions;
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
