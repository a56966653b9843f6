package dev.perennial.scorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.ShadowRecord;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Concurrent requests to a foreign model, {@code sigmoid(a + x)} with whole {@code a}, which a scorer may run together. */
class BatchingIT {
    @TempDir
    Path folder;

    private ControlServer server;
    private ScorerProcess scorer;
    private Caller caller;

    @BeforeEach
    void start() throws Exception {
        server = new ControlServer();
        scorer = server.scorer(folder);
        caller = new Caller(scorer.url());
        String model = whole();
        server.apply(1, Models.config(1, 0, "null", Models.variant("m/1", "champion", 0, model)));
    }

    @AfterEach
    void stop() {
        assertThat(server.violations()).isEmpty();
        caller.close();
        scorer.close();
        server.close();
    }

    private String whole() throws IOException {
        try (InputStream file = BatchingIT.class.getResourceAsStream("/models/whole.onnx")) {
            return new Models(folder.resolve("blobs")).onnx(file.readAllBytes(), "a", "x");
        }
    }

    private static String record(int i, String a) {
        return "{\"id\":\"k%d\",\"a\":%s,\"x\":%s,\"event_time\":5}".formatted(i, a, i * 0.001);
    }

    private JsonNode predict(String... records) throws Exception {
        return caller.post("/endpoints/m/predict", "{\"records\":[" + String.join(",", records) + "]}")
                .json();
    }

    @Test
    void aThousandConcurrentRequestsAreAnsweredLikeOneAfterTheOther() throws Exception {
        ConcurrentHashMap<Integer, Double> together = new ConcurrentHashMap<>();
        try (ExecutorService clients = Executors.newFixedThreadPool(32)) {
            for (int i = 0; i < 1_000; i++) {
                int number = i;
                clients.submit(() -> {
                    JsonNode answer =
                            predict(record(number, "1")).path("predictions").path(0);
                    assertThat(answer.path("id").asText()).isEqualTo("k" + number);
                    together.put(number, answer.path("score").asDouble());
                    return null;
                });
            }
        }
        assertThat(together).hasSize(1_000);
        for (int i = 0; i < 1_000; i += 50) {
            JsonNode alone = predict(record(i, "1"));
            assertThat(together.get(i))
                    .isEqualTo(alone.at("/predictions/0/score").asDouble());
            assertThat(together.get(i)).isCloseTo(1 / (1 + Math.exp(-1 - i * 0.001)), within(1e-6));
        }
        assertThat(caller.get("/metrics").text()).contains("perennial_scorer_queue_calls{endpoint=\"m\"} 0\n");
    }

    @Test
    void oneRequestThatTheModelCannotTakeFailsAlone() throws Exception {
        ConcurrentHashMap<Integer, JsonNode> answers = new ConcurrentHashMap<>();
        try (ExecutorService clients = Executors.newFixedThreadPool(32)) {
            for (int i = 0; i < 400; i++) {
                int number = i;
                String a = number % 40 == 7 ? "0.5" : "1";
                clients.submit(() -> answers.put(number, predict(record(number, a))));
            }
        }
        assertThat(answers).hasSize(400);
        answers.forEach((number, answer) -> {
            if (number % 40 == 7) {
                assertThat(answer.at("/error/message").asText()).contains("takes whole numbers for 'a', not 0.5");
            } else {
                assertThat(answer.at("/predictions/0/score").asDouble())
                        .isCloseTo(1 / (1 + Math.exp(-1 - number * 0.001)), within(1e-6));
            }
        });
    }

    @Test
    void manyRowsOfOneRequestAreScoredAtOnceInTheirOrder() throws Exception {
        String[] records =
                IntStream.range(0, 1_000).mapToObj(i -> record(i, "2")).toArray(String[]::new);
        JsonNode predictions = predict(records).path("predictions");
        assertThat(predictions).hasSize(1_000);
        for (int i = 0; i < 1_000; i++) {
            assertThat(predictions.get(i).path("id").asText()).isEqualTo("k" + i);
            assertThat(predictions.get(i).path("score").asDouble())
                    .isCloseTo(1 / (1 + Math.exp(-2 - i * 0.001)), within(1e-6));
        }
    }

    @Test
    void aCanaryBesideAForeignChampionIsPairedInABatchToo() throws Exception {
        String model = whole();
        server.apply(
                2,
                Models.config(
                        2,
                        0,
                        "null",
                        Models.variant("m/1", "champion", 5_000, model),
                        Models.variant("m/2", "canary", 5_000, model)));
        String[] records = IntStream.range(0, 200)
                .mapToObj(i -> record(i, i % 2 == 0 ? "1" : "3"))
                .toArray(String[]::new);
        JsonNode answer = predict(records);
        assertThat(answer.path("error").isMissingNode()).as(answer.toString()).isTrue();
        JsonNode predictions = answer.path("predictions");
        long canary = IntStream.range(0, 200)
                .filter(i -> predictions.get(i).path("role").asText().equals("canary"))
                .count();
        assertThat(canary).isBetween(60L, 140L);
        server.configure(
                3,
                Models.config(
                        3,
                        1,
                        "null",
                        Models.variant("m/1", "champion", 5_000, model),
                        Models.variant("m/2", "canary", 5_000, model)));
        server.awaitFlush(1);
        Map<String, PredictionRecord> answered = server.records().stream()
                .filter(PredictionRecord.class::isInstance)
                .map(PredictionRecord.class::cast)
                .collect(Collectors.toMap(PredictionRecord::id, record -> record));
        assertThat(answered).hasSize(200);
        assertThat(answered.values()).allMatch(record -> record.paired() == null);
        assertThat(server.records().stream()
                        .filter(ShadowRecord.class::isInstance)
                        .map(ShadowRecord.class::cast)
                        .toList())
                .as("after the answer, one for each row of the canary")
                .hasSize((int) canary)
                .allSatisfy(pair -> {
                    assertThat(pair.pair()).isTrue();
                    assertThat(pair.version()).isEqualTo("m/1");
                    assertThat(pair.served().version()).isEqualTo("m/2");
                    assertThat(pair.score()).isEqualTo(answered.get(pair.id()).score());
                });
    }
}
