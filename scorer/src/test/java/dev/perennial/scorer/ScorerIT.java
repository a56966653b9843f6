package dev.perennial.scorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.predictionlog.LogRecord;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.Role;
import dev.perennial.predictionlog.ShadowRecord;
import dev.perennial.scoring.python.PythonLimits;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A scorer in this JVM against a real control server. */
class ScorerIT {
    private static final int SWITCHES = 100;

    @TempDir
    Path folder;

    private ControlServer server;
    private Models models;
    private ScorerProcess scorer;
    private Caller caller;
    private final AtomicLong now = new AtomicLong(1_000_000_000_000L);

    @BeforeEach
    void start() throws IOException {
        server = new ControlServer();
        models = new Models(folder.resolve("blobs"));
        Files.writeString(folder.resolve("token"), ControlServer.TOKEN + "\n");
        start(ScorerSettings.Limits.DEFAULT);
    }

    @AfterEach
    void stop() {
        assertThat(server.violations()).isEmpty();
        caller.close();
        scorer.close();
        server.close();
    }

    private void start(ScorerSettings.Limits limits) throws IOException {
        ScorerSettings settings = new ScorerSettings(
                URI.create("http://127.0.0.1:" + server.port()),
                "s1",
                0,
                folder.resolve("spool"),
                folder.resolve("blobs"),
                folder.resolve("token"),
                "",
                folder.resolve("native"),
                limits,
                new ScorerSettings.Python(folder.resolve("environments"), PythonLimits.DEFAULT),
                "");
        scorer = ScorerProcess.start(settings, InstantSource.system(), new SplittableRandom(1));
        caller = new Caller(scorer.url());
    }

    private void restart(ScorerSettings.Limits limits) throws IOException {
        caller.close();
        scorer.close();
        start(limits);
    }

    @Test
    void answersPlainRecordsAndLogsThemBeforeTheFlushIsConfirmed() throws Exception {
        String champion = Models.variant("m/1", "champion", 10_000, models.model(0.25, "x", "c"));
        server.apply(1, Models.config(1, 0, "null", champion));

        JsonNode predictions = caller.predict("a", "b");
        assertThat(predictions).hasSize(2);
        assertThat(predictions.get(1).get("id").asText()).isEqualTo("b");
        assertThat(predictions.get(1).get("score").asDouble()).isCloseTo(0.25, within(1e-6));
        assertThat(predictions.get(1).get("version").asText()).isEqualTo("m/1");
        assertThat(predictions.get(1).get("role").asText()).isEqualTo("champion");
        assertThat(predictions.get(1).get("fallback").asBoolean()).isFalse();

        server.configure(2, Models.config(2, 1, "null", champion));
        server.awaitFlush(1);
        assertThat(server.records()).hasSize(2).allSatisfy(record -> {
            PredictionRecord prediction = (PredictionRecord) record;
            assertThat(prediction.eventTime()).isEqualTo(7_200_000);
            assertThat(prediction.predictedAt()).isZero();
            assertThat(prediction.features().asMap()).isEqualTo(Map.of("x", 1.5, "c", "a"));
            assertThat(prediction.role()).isEqualTo(Role.CHAMPION);
        });
        try (var files = Files.list(folder.resolve("spool/segments"))) {
            assertThat(files.toList()).isEmpty();
        }
    }

    @Test
    void splitsByKeyPairsTheCanaryAndMarksTheControl() throws Exception {
        String champion = Models.variant("m/1", "champion", 9_000, models.model(0.25, "x", "c"));
        String canary = Models.variant("m/2", "canary", 1_000, models.model(0.75, "x", "c", "x2"));
        server.apply(1, Models.config(1, 0, "null", champion, canary));
        List<String> bodies = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            bodies.add("{\"id\":\"k" + i + "\",\"x\":1,\"c\":null,\"x2\":3,\"event_time\":5}");
        }
        JsonNode first = caller.post("/endpoints/m/predict", "{\"records\":[" + String.join(",", bodies) + "]}")
                .json()
                .get("predictions");
        Set<String> inCanary = new HashSet<>();
        first.forEach(p -> {
            if (p.get("role").asText().equals("canary")) {
                inCanary.add(p.get("id").asText());
                assertThat(p.get("score").asDouble()).isCloseTo(0.75, within(1e-6));
            }
        });
        assertThat(inCanary.size()).isBetween(60, 140);

        server.apply(
                2,
                Models.config(
                        2,
                        1,
                        "null",
                        champion,
                        Models.variant("m/2", "canary", 5_000, models.model(0.75, "x", "c", "x2"))));
        JsonNode second = caller.post("/endpoints/m/predict", "{\"records\":[" + String.join(",", bodies) + "]}")
                .json()
                .get("predictions");
        Set<String> later = new HashSet<>();
        second.forEach(p -> {
            if (p.get("role").asText().equals("canary")) {
                later.add(p.get("id").asText());
            }
        });
        assertThat(later).containsAll(inCanary).hasSizeBetween(430, 570);

        server.awaitFlush(1);
        List<PredictionRecord> logged = server.records().stream()
                .map(PredictionRecord.class::cast)
                .limit(1000)
                .toList();
        assertThat(logged.stream().filter(p -> p.role() == Role.CANARY))
                .hasSize(inCanary.size())
                .allSatisfy(p -> {
                    assertThat(p.paired()).isNotNull();
                    assertThat(p.paired().version()).isEqualTo("m/1");
                    assertThat(p.paired().score()).isCloseTo(0.25, within(1e-6));
                });
        assertThat(logged.stream().filter(p -> p.answer().control()).count()).isBetween(60L, 140L);
        assertThat(logged.stream().filter(p -> p.answer().control()))
                .allMatch(p -> p.role() == Role.CHAMPION && p.paired() == null);
    }

    @Test
    void aFailingCanaryIsAnsweredByTheChampionAndItsFuseTakesItOut() throws Exception {
        String champion = Models.variant("m/1", "champion", 0, models.model(0.25, "x", "c"));
        String canary = Models.variant("m/2", "canary", 10_000, models.model(0.75, "x", "c", "extra"));
        server.apply(1, Models.config(1, 0, "null", champion, canary));
        for (int i = 0; i < 12; i++) {
            JsonNode answer = caller.predict("k" + i).get(0);
            assertThat(answer.get("score").asDouble()).isCloseTo(0.25, within(1e-6));
            assertThat(answer.get("version").asText()).isEqualTo("m/1");
            assertThat(answer.get("fallback").asBoolean()).isEqualTo(i < 5);
        }
        server.await("a fuse report", () -> !server.fuses().isEmpty());
        JsonNode report = server.fuses().getFirst();
        assertThat(report.get("endpoint").asText()).isEqualTo("m");
        assertThat(report.get("version").asText()).isEqualTo("m/2");
        assertThat(report.get("errors").asInt()).isEqualTo(5);
        assertThat(report.get("reason").asText()).contains("5 errors in a row");
        assertThat(report.at("/examples/0/error").asText()).contains("extra");

        restart(ScorerSettings.Limits.DEFAULT);
        assertThat(caller.predict("again").get(0).get("role").asText()).isEqualTo("champion");
        server.configure(2, Models.config(2, 1, "null", champion));
        server.awaitFlush(1);
        List<LogRecord> records = server.records();
        assertThat(records).hasSize(13);
        assertThat(records.stream().map(PredictionRecord.class::cast).filter(p -> p.failure() != null))
                .hasSize(5)
                .allSatisfy(p -> assertThat(p.failure().version()).isEqualTo("m/2"));
        assertThat(caller.get("/metrics").text())
                .contains("perennial_scorer_predictions_total{endpoint=\"m\",version=\"m/1\",role=\"champion\"}");
    }

    @Test
    void aColumnMissingForACandidateIsItsErrorAndAShadowIsScoredAfterTheAnswer() throws Exception {
        String champion = Models.variant("m/1", "champion", 0, models.model(0.25, "x", "c"));
        String shadow = Models.variant("m/2", "shadow", 0, models.model(0.75, "x", "extra"));
        server.apply(1, Models.config(1, 0, "null", champion, shadow));
        caller.predict("without");
        assertThat(caller.post(
                                "/endpoints/m/predict",
                                "{\"records\":[{\"id\":\"with\",\"x\":1,\"c\":\"never seen\",\"extra\":9e9,\"event_time\":1}]}")
                        .status())
                .isEqualTo(200);
        server.configure(2, Models.config(2, 1, "null", champion, shadow));
        server.awaitFlush(1);
        List<ShadowRecord> shadows = server.records().stream()
                .filter(ShadowRecord.class::isInstance)
                .map(ShadowRecord.class::cast)
                .toList();
        assertThat(shadows).hasSize(2);
        assertThat(shadows.get(0).error()).contains("extra");
        assertThat(shadows.get(1).score()).isCloseTo(0.75, within(1e-6));
        assertThat(shadows.get(1).served())
                .isEqualTo(new PredictionRecord.Paired(
                        "m/1", shadows.get(1).served().score()));
        assertThat(server.records()).hasSize(4);
    }

    @Test
    void noRequestFailsWhile64ClientsGoThrough100Switches() throws Exception {
        List<String> versions = new ArrayList<>();
        for (int i = 1; i <= SWITCHES; i++) {
            versions.add(Models.variant("m/" + i, "champion", 0, models.model(i / 200.0, "x", "c")));
        }
        server.apply(1, Models.config(1, 0, "null", versions.getFirst()));
        AtomicBoolean go = new AtomicBoolean(true);
        ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
        AtomicLong answered = new AtomicLong();
        Set<String> seen = java.util.concurrent.ConcurrentHashMap.newKeySet();
        List<Thread> clients = IntStream.range(0, 64)
                .mapToObj(c -> Thread.ofVirtual().start(() -> {
                    for (int i = 0; go.get(); i++) {
                        try {
                            JsonNode p = caller.predict(c + "-" + i).get(0);
                            String version = p.get("version").asText();
                            seen.add(version);
                            double expected = Integer.parseInt(version.substring(2)) / 200.0;
                            if (Math.abs(p.get("score").asDouble() - expected) > 1e-6) {
                                failures.add(p.toString());
                            }
                            answered.incrementAndGet();
                        } catch (IOException | InterruptedException | AssertionError e) {
                            failures.add(e.toString());
                        }
                    }
                }))
                .toList();
        for (int i = 2; i <= SWITCHES; i++) {
            String version = "m/" + i;
            server.apply(i, Models.config(i, 0, "null", versions.get(i - 1)));
            server.await(version + " answers", () -> seen.contains(version));
        }
        go.set(false);
        for (Thread client : clients) {
            client.join();
        }
        assertThat(failures).isEmpty();
        assertThat(caller.get("/metrics").text()).contains("perennial_scorer_models_loaded{} 1\n");
        server.configure(SWITCHES + 1, Models.config(SWITCHES + 1, 9, "null", versions.getLast()));
        server.awaitFlush(9);
        assertThat(server.records()).hasSize((int) answered.get());
    }

    @Test
    void scoringGoesOnWhenTheSpoolIsFullAndSaysSo() throws Exception {
        String champion = Models.variant("m/1", "champion", 0, models.model(0.25, "x", "c"));
        server.apply(1, Models.config(1, 0, "null", champion));
        server.stop();
        ScorerSettings.Limits d = ScorerSettings.Limits.DEFAULT;
        restart(new ScorerSettings.Limits(
                4_000, 1_000, 100, d.batchRows(), d.bodyBytes(), d.shadowRows(), d.queuedRequests(), 1, 0, 0, 0));
        int logged = 0;
        for (int i = 0; i < 200; i++) {
            caller.predict("k" + i);
        }
        String metrics = caller.get("/metrics").text();
        long lost =
                Long.parseLong(metrics.replaceAll("(?s).*perennial_scorer_log_lost_records_total\\{} (\\d+).*", "$1"));
        logged = 200 - (int) lost;
        assertThat(lost).isBetween(100L, 199L);
        assertThat(caller.get("/healthz").json().get("log").asText()).contains("spool");
        assertThat(caller.get("/healthz").json().get("status").asText()).isEqualTo("degraded");
        server.start();
        int expected = logged;
        server.await("the logged ones delivered", () -> server.records().size() == expected);
        caller.predict("after");
        assertThat(caller.get("/healthz").json().get("log").asText()).isEqualTo("ok");
        server.await("the next one delivered", () -> server.records().size() == expected + 1);
    }

    @Test
    void startsWithoutServerFromTheLastGoodConfigurationAndDeliversLater() throws Exception {
        String champion = Models.variant("m/1", "champion", 0, models.model(0.25, "x", "c"));
        server.apply(1, Models.config(1, 0, "null", champion));
        server.stop();
        restart(ScorerSettings.Limits.DEFAULT);
        assertThat(caller.get("/v2/health/ready").status()).isEqualTo(200);
        assertThat(caller.predict("dead server").get(0).get("version").asText()).isEqualTo("m/1");
        scorer.drain(100);
        server.start();
        start(ScorerSettings.Limits.DEFAULT);
        server.await("the record", () -> server.records().size() == 1);
        assertThat(server.records().getFirst().id()).isEqualTo("dead server");
    }

    @Test
    void anEndpointWithoutAVersionKeepsNoTrafficFromTheOthers() throws Exception {
        server.apply(1, Models.config(1, 0, "null"));
        assertThat(caller.get("/v2/health/ready").status()).isEqualTo(200);
        assertThat(health()).contains("\"ready\":true");
        assertThat(caller.post("/endpoints/m/predict", Caller.records("a")).status())
                .isEqualTo(503);
    }

    @Test
    void isNotReadyBeforeItsChampionIsLoadedAndKeepsTheOldOneWhenTheNewOneIsBroken() throws Exception {
        assertThat(caller.get("/v2/health/ready").status()).isEqualTo(503);
        assertThat(caller.get("/v2/health/live").status()).isEqualTo(200);
        assertThat(caller.post("/endpoints/m/predict", Caller.records("a")).text())
                .contains("does not know its endpoints yet");
        String missing = "{\"manifest\":\"%s\",\"file\":\"%s\"}".formatted("0".repeat(64), "1".repeat(64));
        server.configure(1, Models.config(1, 0, "null", Models.variant("m/1", "champion", 0, missing)));
        server.await("the broken configuration seen", () -> health().contains("m/1"));
        assertThat(caller.post("/endpoints/m/predict", Caller.records("a")).status())
                .isEqualTo(503);
        server.apply(
                2, Models.config(2, 0, "null", Models.variant("m/1", "champion", 0, models.model(0.25, "x", "c"))));
        assertThat(caller.get("/v2/health/ready").status()).isEqualTo(200);
        assertThat(caller.post("/endpoints/other/predict", Caller.records("a")).status())
                .isEqualTo(404);
        server.configure(3, Models.config(3, 0, "null", Models.variant("m/2", "champion", 0, missing)));
        server.await("the problem in health", () -> health().contains("m/2"));
        assertThat(caller.predict("a").get(0).get("version").asText()).isEqualTo("m/1");
    }

    private String health() {
        try {
            return caller.get("/healthz").text();
        } catch (IOException | InterruptedException e) {
            return "";
        }
    }
}
