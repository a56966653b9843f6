package dev.perennial.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.Program;
import dev.perennial.kernel.VersionId;
import dev.perennial.scoring.Column;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.Signature;
import dev.perennial.server.mlflow.RunningServer;
import dev.perennial.serving.Endpoints;
import dev.perennial.serving.ScorerConfig;
import dev.perennial.serving.Variant;
import dev.perennial.serving.VersionRef;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.testkit.SeededIds;
import dev.perennial.testkit.TestClock;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The real programs: a server beyond loopback with TLS, and a scorer that it did not start, with a token of its own. */
class StandaloneScorersIT extends OutsideFixture {
    private static final String TREE = """
            {"learner":{"feature_names":[],"objective":{"name":"reg:squarederror"},
             "learner_model_param":{"base_score":"5E-1","num_class":"0","num_feature":"1","num_target":"1"},
             "gradient_booster":{"name":"gbtree","model":{"trees":[{"left_children":[-1],"right_children":[-1],
             "split_indices":[0],"split_conditions":[0.25],"default_left":[0]}]}}}}
            """;
    private static final long WAIT_SECONDS = 60;
    private static final String PICKLE = "a file of a Python model";

    private static int port;
    private static OwnCertificate certificate;

    private final List<Process> scorers = new ArrayList<>();
    private final HttpClient client = HttpClient.newHttpClient();

    /** What serves is put there while no server runs, because deploying takes a worker. */
    @BeforeAll
    static void serve() throws Exception {
        certificate = OwnCertificate.in(folder);
        startOutside(
                "perennial.admin.username=" + AccessFixture.ROOT,
                "perennial.admin.password=" + AccessFixture.PASSWORD,
                "perennial.tls-certificate=" + certificate.certificate(),
                "perennial.tls-key=" + certificate.key());
        server.close();
        TestClock clock = TestClock.fixed();
        try (Store store = Store.open(
                StoreSettings.local(folder.resolve("data")), clock, SeededIds.of(1, clock), new SecureRandom())) {
            for (String name : List.of("mine", "others")) {
                declare(store, name);
            }
            declarePython(store, "snakes");
        }
        port = startOutside(
                "perennial.tls-certificate=" + certificate.certificate(), "perennial.tls-key=" + certificate.key());
    }

    private static void declare(Store store, String name) {
        ModelManifest manifest =
                ModelManifest.of(ModelManifest.XGBOOST_JSON, new Signature(List.of(Column.number("x"))), Map.of());
        Digest file = store.blobs().put((TREE + " ".repeat(name.length())).getBytes(StandardCharsets.UTF_8));
        Digest described = store.blobs().put(manifest.toJson());
        ModelId model = ModelId.parse(name);
        Endpoints endpoints = new Endpoints(store.database());
        store.database().writing(tx -> {
            endpoints.declare(tx, model, List.of("id"), ScorerConfig.Fuse.tolerating(0.01), 0, null);
            endpoints.variants(
                    tx,
                    model,
                    List.of(Variant.of(
                            VersionRef.of(new VersionId(model, 1)),
                            Variant.Role.champion,
                            Variant.ALL,
                            described,
                            file)));
        });
    }

    /** An endpoint of a Python model, whose environment nobody has. */
    private static void declarePython(Store store, String name) {
        ObjectNode manifest = Json.object().put("format", "python");
        manifest.putArray("signature")
                .addObject()
                .put("name", "x")
                .put("type", "number")
                .put("required", true);
        manifest.putObject("python").put("version", "3.99.1").putArray("requirements");
        Digest file = store.blobs().put("an MLmodel".getBytes(StandardCharsets.UTF_8));
        Digest pickle = store.blobs().put(PICKLE.getBytes(StandardCharsets.UTF_8));
        manifest.putArray("files")
                .add(Json.object()
                        .put("path", "MLmodel")
                        .put("digest", file.hex())
                        .put("bytes", 10))
                .add(Json.object()
                        .put("path", "model.pkl")
                        .put("digest", pickle.hex())
                        .put("bytes", PICKLE.length()));
        Digest described = store.blobs().put(manifest.toString().getBytes(StandardCharsets.UTF_8));
        ModelId model = ModelId.parse(name);
        Endpoints endpoints = new Endpoints(store.database());
        store.database().writing(tx -> {
            endpoints.declare(tx, model, List.of(), ScorerConfig.Fuse.tolerating(0.01), 0, null);
            endpoints.variants(
                    tx,
                    model,
                    List.of(new Variant(
                            VersionRef.of(new VersionId(model, 1)),
                            Variant.Role.champion,
                            Variant.ALL,
                            described,
                            file,
                            Digest.of("the server's environment").hex(),
                            Variant.Load.eager,
                            null)));
        });
    }

    @AfterEach
    void end() throws InterruptedException {
        for (Process scorer : scorers) {
            scorer.destroyForcibly();
            scorer.waitFor();
        }
        client.close();
    }

    private static JsonNode root(String method, String path, String body) throws IOException, InterruptedException {
        HttpResponse<String> answer = server.send(
                method,
                path,
                body,
                "Authorization",
                AccessFixture.basic(AccessFixture.ROOT, AccessFixture.PASSWORD),
                "Content-Type",
                "application/json");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return Json.parse(answer.body());
    }

    private static JsonNode token(ObjectNode more) throws IOException, InterruptedException {
        return root(
                "POST",
                "/api/access/tokens",
                more.put("user", AccessFixture.ROOT).put("name", "test").toString());
    }

    private static String scorerToken(String id, String... endpoints) throws IOException, InterruptedException {
        ObjectNode wanted = Json.object().put("scorer", id);
        List.of(endpoints).forEach(wanted.putArray("endpoints")::add);
        return token(wanted).path("token").asText();
    }

    /** Starts the scorer; its port follows from its name, so that it comes back to the same. */
    private URI scorer(String id, String token, int at) throws IOException {
        Path own = Files.createDirectories(folder.resolve(id));
        Files.writeString(own.resolve("token"), token);
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(Program.SCORER.flags(RunningServer.dist()));
        command.addAll(List.of(
                "-cp",
                Program.SCORER.classPath(RunningServer.dist()),
                "dev.perennial.scorer.ScorerMain",
                "--server",
                "https://" + OUTSIDE + ":" + port,
                "--server-ca",
                certificate.certificate().toString(),
                "--standalone",
                "yes",
                "--id",
                id,
                "--port",
                Integer.toString(at),
                "--segment-age-millis",
                "200",
                "--build",
                "test",
                "--token-file",
                own.resolve("token").toString(),
                "--spool",
                own.resolve("spool").toString(),
                "--blobs",
                own.resolve("blobs").toString()));
        scorers.add(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(own.resolve("log").toFile()))
                .start());
        return URI.create("http://127.0.0.1:" + at);
    }

    private int predict(URI scorer, String endpoint, String token, String id) throws InterruptedException {
        try {
            return client.send(
                            HttpRequest.newBuilder(scorer.resolve("/endpoints/" + endpoint + "/predict"))
                                    .header("Authorization", "Bearer " + token)
                                    .POST(HttpRequest.BodyPublishers.ofString(
                                            "{\"records\":[{\"id\":\"" + id + "\",\"x\":1,\"event_time\":7200000}]}"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .statusCode();
        } catch (IOException e) {
            return -1; // not there yet
        }
    }

    private interface Asked {
        boolean yes() throws IOException, InterruptedException;
    }

    private static void await(String what, Asked asked) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        while (!asked.yes()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited in vain: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private static int asked(String method, String path, String token) throws IOException, InterruptedException {
        return server.send(
                        method,
                        path,
                        method.equals("GET") ? "" : "{}",
                        "Authorization",
                        "Bearer " + token,
                        "Content-Type",
                        "application/json")
                .statusCode();
    }

    @Test
    void itServesItsEndpointsAloneDeliversAndDropsARevokedToken() throws Exception {
        URI edge = scorer("edge-1", scorerToken("edge-1", "mine"), RawHttp.freePort("127.0.0.1"));
        JsonNode asking = token(Json.object().put("endpoint", "mine"));
        String text = asking.path("token").asText();
        await("it serves", () -> predict(edge, "mine", text, "a") == 200);
        assertThat(predict(edge, "others", text, "a")).isEqualTo(404);
        assertThat(predict(edge, "mine", "pnl_pat_nothing", "a")).isEqualTo(401);
        await("a prediction came", () -> records("mine") > 0);
        // it says what it has applied when it next asks
        await("it is not behind", () -> shown("edge-1").path("lag").asLong(-1) == 0);
        JsonNode shown = shown("edge-1");
        assertThat(shown.path("standalone").asBoolean()).isTrue();
        assertThat(shown.path("build").asText()).isEqualTo("test");
        assertThat(shown.path("protocol").asInt()).isEqualTo(2);
        assertThat(shown.path("endpoints")).hasToString("[\"mine\"]");
        root("POST", "/api/access/tokens/" + asking.path("id").asText() + "/revoke", "{}");
        await("the token is dropped", () -> predict(edge, "mine", text, "b") == 401);
    }

    private static long records(String endpoint) throws IOException, InterruptedException {
        for (JsonNode item : root("GET", "/api/endpoints", "").path("items")) {
            if (item.path("name").asText().equals(endpoint)) {
                return item.path("records").asLong();
            }
        }
        return -1;
    }

    private static JsonNode shown(String id) throws IOException, InterruptedException {
        for (JsonNode scorer : root("GET", "/api/status", "").path("scorers")) {
            if (scorer.path("id").asText().equals(id)) {
                return scorer;
            }
        }
        return Json.object();
    }

    @Test
    void killedItComesBackWithWhatItHadAnsweredAndNothingCountsTwice() throws Exception {
        String own = scorerToken("edge-2", "others");
        int at = RawHttp.freePort("127.0.0.1");
        URI edge = scorer("edge-2", own, at);
        String text =
                token(Json.object().put("endpoint", "others")).path("token").asText();
        await("it serves", () -> predict(edge, "others", text, "first") == 200);
        for (int i = 0; i < 20; i++) {
            assertThat(predict(edge, "others", text, "id" + i)).isEqualTo(200);
        }
        scorers.getFirst().destroyForcibly().waitFor(); // SIGKILL
        scorer("edge-2", own, at);
        await("all came", () -> records("others") >= 21);
        assertThat(predict(edge, "others", text, "again")).isIn(200, -1, 503);
        assertThat(records("others")).isBetween(21L, 22L);
    }

    @Test
    void aTokenIsForItsScorerAndItsFilesAndNothingElse() throws Exception {
        String own = scorerToken("edge-3", "mine");
        String config = server.send("GET", "/api/scorers/edge-3/config", "", "Authorization", "Bearer " + own)
                .body();
        JsonNode endpoints = Json.parse(config).path("endpoints");
        assertThat(endpoints).hasSize(1);
        String file = endpoints.at("/0/variants/0/model/file").asText();
        String foreign = Digest.of((TREE + " ".repeat("others".length())).getBytes(StandardCharsets.UTF_8))
                .hex();
        assertThat(asked("GET", "/api/scorers/edge-3/blobs/" + file, own)).isEqualTo(200);
        assertThat(asked("GET", "/api/scorers/edge-3/blobs/" + foreign, own)).isEqualTo(404);
        assertThat(asked("GET", "/api/scorers/edge-4/config", own)).isEqualTo(403);
        assertThat(asked("GET", "/api/scorers/local-1/config", own)).isEqualTo(403);
        assertThat(asked("GET", "/api/models", own)).isEqualTo(200);
        assertThat(asked("POST", "/api/endpoints/mine/rollback", own)).isEqualTo(404);
        assertThat(asked(
                        "GET",
                        "/api/scorers/edge-3/config",
                        token(Json.object()).path("token").asText()))
                .isEqualTo(403);
        assertThat(asked("GET", "/internal/scorers/edge-3/config", own)).isEqualTo(403);
    }

    @Test
    void theFilesOfAPythonModelAreGivenToWhoServesItAndWhatItLacksIsShown() throws Exception {
        String own = scorerToken("edge-6", "mine", "snakes");
        String stranger = scorerToken("edge-7", "mine");
        String pickle = Digest.of(PICKLE.getBytes(StandardCharsets.UTF_8)).hex();
        assertThat(asked("GET", "/api/scorers/edge-6/blobs/" + pickle, own)).isEqualTo(200);
        assertThat(asked("GET", "/api/scorers/edge-7/blobs/" + pickle, stranger))
                .isEqualTo(404);
        URI edge = scorer("edge-6", own, RawHttp.freePort("127.0.0.1"));
        await(
                "it tells why",
                () -> shown("edge-6").at("/environments/0/state").asText().equals("FAILED"));
        JsonNode missing = shown("edge-6").path("environments").path(0);
        assertThat(missing.path("version").asText()).isEqualTo("snakes/1");
        assertThat(missing.path("message").asText())
                .startsWith("the model needs Python 3.99.1, which this machine does not have; found were");
        JsonNode page = root("GET", "/api/endpoints/snakes", "").path("scorers");
        JsonNode there = StreamSupport.stream(page.spliterator(), false)
                .filter(one -> one.path("id").asText().equals("edge-6"))
                .findFirst()
                .orElseThrow();
        assertThat(there.path("environments").path(0)).isEqualTo(missing);
        assertThat(there.path("current").asBoolean()).isFalse();
        JsonNode asking = token(Json.object().put("endpoint", "mine"));
        await(
                "the others serve",
                () -> predict(edge, "mine", asking.path("token").asText(), "a") == 200);
    }

    @Test
    void whatWasFlushedIsAWholeNumber() throws Exception {
        String own = scorerToken("edge-5", "mine");
        for (String body :
                List.of("{\"flush\":{}}", "{\"flush\":\"1\"}", "{\"flush\":1.5}", "{\"flush\":1e30}", "{}")) {
            HttpResponse<String> answer = server.send(
                    "POST",
                    "/api/scorers/edge-5/flushed",
                    body,
                    "Authorization",
                    "Bearer " + own,
                    "Content-Type",
                    "application/json");
            assertThat(answer.statusCode()).as(body + answer.body()).isEqualTo(400);
            assertThat(answer.body()).contains("'flush' must be a whole number");
        }
    }

    @Test
    void oddWishesForTokensAreRefused() throws Exception {
        for (String body : List.of(
                "{\"name\":\"x\",\"endpoint\":\"mine\",\"scorer\":\"e\"}",
                "{\"name\":\"x\",\"endpoint\":\"mine\",\"role\":\"viewer\"}",
                "{\"name\":\"x\",\"endpoints\":[\"mine\"]}",
                "{\"name\":\"x\",\"scorer\":\"e\"}",
                "{\"name\":\"x\",\"scorer\":\"local-1\",\"endpoints\":[\"mine\"]}",
                "{\"name\":\"x\",\"scorer\":\"e\",\"endpoints\":\"mine\"}")) {
            HttpResponse<String> answer = server.send(
                    "POST",
                    "/api/access/tokens",
                    body,
                    "Authorization",
                    AccessFixture.basic(AccessFixture.ROOT, AccessFixture.PASSWORD),
                    "Content-Type",
                    "application/json");
            assertThat(answer.statusCode()).as(body + answer.body()).isEqualTo(400);
        }
    }
}
