package dev.perennial.scorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.perennial.kernel.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Endpoints whose models are loaded at their first request. */
class DemandIT {
    private static final int ENDPOINTS = 200;
    private static final int HOT = 2;

    @TempDir
    Path folder;

    private ControlServer server;
    private Models models;
    private ScorerProcess scorer;
    private Caller caller;

    @BeforeEach
    void start() throws IOException {
        server = new ControlServer();
        models = new Models(folder.resolve("blobs"));
        scorer = server.scorer(folder, "--model-memory", "3000");
        caller = new Caller(scorer.url());
    }

    @AfterEach
    void stop() {
        assertThat(server.violations()).isEmpty();
        caller.close();
        scorer.close();
        server.close();
    }

    private static String onDemand(String variant) {
        return variant.replace("\"role\"", "\"load\":\"demand\",\"role\"");
    }

    private static String endpoint(String name, String... variants) {
        return "{\"name\":\"%s\",\"key\":[\"id\"],\"salt\":\"s\",\"variants\":[%s]}"
                .formatted(name, String.join(",", variants));
    }

    private void apply(List<String> endpoints) throws InterruptedException {
        server.apply(1, "{\"revision\":1,\"flush\":0,\"endpoints\":[" + String.join(",", endpoints) + "]}");
    }

    private double score(String endpoint) throws IOException, InterruptedException {
        Caller.Reply reply = caller.post("/endpoints/" + endpoint + "/predict", Caller.records("a"));
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return reply.json().at("/predictions/0/score").asDouble();
    }

    private long metric(String name) throws IOException, InterruptedException {
        return Long.parseLong(caller.get("/metrics").text().replaceAll("(?s).*\n" + name + "\\{} (\\d+).*", "$1"));
    }

    @Test
    void twoHundredModelsOfWhichFewAreUsedAnswerRightAndStayWithinTheBound() throws Exception {
        List<String> endpoints = new ArrayList<>();
        for (int i = 0; i < ENDPOINTS; i++) {
            String model = models.model((i + 1) / 250.0, "x", "c");
            endpoints.add(endpoint("m" + i, onDemand(Models.variant("m" + i + "/1", "champion", 10_000, model))));
        }
        apply(endpoints);
        assertThat(metric("perennial_scorer_demand_loads_total")).isZero();
        assertThat(caller.get("/v2/health/ready").status()).isEqualTo(200);
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 600; i++) {
            int at = i % 10 == 0 ? random.nextInt(ENDPOINTS) : random.nextInt(HOT);
            assertThat(score("m" + at)).isCloseTo((at + 1) / 250.0, within(1e-6));
        }
        assertThat(metric("perennial_scorer_demand_models_bytes")).isBetween(1L, 3_000L);
        assertThat(metric("perennial_scorer_demand_loads_total")).isLessThan(100);
        assertThat(metric("perennial_scorer_demand_evictions_total")).isPositive();
        assertThat(caller.get("/v2/models/m150/ready").status())
                .as("evicted or never loaded")
                .isEqualTo(200);
    }

    @Test
    void aModelThatIsNotThereIsToldAndIsTriedAgainOnceItIs() throws Exception {
        String model = models.model(0.5, "x", "c");
        String digest = Json.parse(model).get("file").asText();
        Path blob = folder.resolve("blobs").resolve(digest.substring(0, 2)).resolve(digest.substring(2));
        apply(List.of(endpoint("m", onDemand(Models.variant("m/1", "champion", 10_000, model)))));
        byte[] bytes = Files.readAllBytes(blob);
        Files.write(blob, new byte[] {1});
        Caller.Reply refused = caller.post("/endpoints/m/predict", Caller.records("a"));
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.text()).contains("the model of 'm' cannot be loaded: blob ");
        Files.write(blob, bytes);
        assertThat(score("m")).isCloseTo(0.5, within(1e-6));
    }

    @Test
    void aCandidateThatCannotBeLoadedIsReplacedByTheChampion() throws Exception {
        String broken = models.model(0.75, "x", "c", "x2");
        String digest = Json.parse(broken).get("file").asText();
        apply(List.of(endpoint(
                "m",
                Models.variant("m/1", "champion", 0, models.model(0.25, "x", "c")),
                onDemand(Models.variant("m/2", "canary", 10_000, broken)))));
        Files.write(
                folder.resolve("blobs").resolve(digest.substring(0, 2)).resolve(digest.substring(2)), new byte[] {1});
        var prediction = caller.predict("a").get(0);
        assertThat(prediction.get("role").asText()).isEqualTo("fallback");
        assertThat(prediction.get("score").asDouble()).isCloseTo(0.25, within(1e-6));
    }

    @Test
    void anEndpointMayBoundItsOwnDeadline() throws Exception {
        String variant = onDemand(Models.variant("m/1", "champion", 10_000, models.model(0.5, "x", "c")));
        apply(List.of(endpoint("m", variant).replace("\"salt\"", "\"limits\":{\"deadlineMillis\":0},\"salt\"")));
        Caller.Reply reply = caller.post("/endpoints/m/predict", Caller.records("a"));
        assertThat(reply.status()).isEqualTo(504);
        assertThat(reply.text()).contains("the deadline passed before");
    }
}
