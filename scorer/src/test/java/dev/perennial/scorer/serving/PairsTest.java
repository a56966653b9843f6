package dev.perennial.scorer.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.Json;
import dev.perennial.predictionlog.ColumnType;
import dev.perennial.predictionlog.LogRecord;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.Role;
import dev.perennial.predictionlog.ShadowRecord;
import dev.perennial.scorer.Models;
import dev.perennial.scorer.config.ScorerConfig;
import dev.perennial.scorer.config.ScorerConfig.Place;
import dev.perennial.scorer.serving.Predictor.RowsCall;
import dev.perennial.scoring.Column;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.Signature;
import dev.perennial.scoring.TabularModel;
import dev.perennial.testkit.OnnxFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When the champion scores a canary's rows: beside it where both are our own trees, otherwise after the answer. */
class PairsTest {
    private static final Signature SIGNATURE =
            new Signature(List.of(new Column("x", ColumnType.NUMBER, true), new Column("y", ColumnType.NUMBER, true)));

    @TempDir
    Path folder;

    private AfterAnswers scorer;

    @BeforeEach
    void open() {
        scorer = new AfterAnswers(folder);
    }

    @AfterEach
    void close() {
        scorer.close();
    }

    private static Instance row(String id) {
        Row row = new Row(2);
        row.number(0, 0.5);
        row.number(1, 0.25);
        return new Instance(id, 1, 2, row, new boolean[] {true, true});
    }

    private static RowsCall call(String... ids) {
        return new RowsCall(
                AfterAnswers.readCall(),
                List.of(ids).stream().map(PairsTest::row).toList(),
                null);
    }

    private Endpoint endpoint(int weight, TabularModel champion, TabularModel canary) {
        return scorer.endpoint(Place.CANARY, weight, champion, canary);
    }

    private Outcome.Scored scored(Serving serving, Endpoint endpoint, RowsCall call) {
        return (Outcome.Scored)
                scorer.predictor.predictAll(serving, endpoint, List.of(call)).getFirst();
    }

    private static List<PredictionRecord> predictions(List<LogRecord> records) {
        return records.stream()
                .filter(PredictionRecord.class::isInstance)
                .map(PredictionRecord.class::cast)
                .toList();
    }

    private static List<ShadowRecord> pairs(List<LogRecord> records) {
        return records.stream()
                .filter(ShadowRecord.class::isInstance)
                .map(ShadowRecord.class::cast)
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true"})
    void aForeignPairIsMadeAfterTheAnswer(boolean foreignChampion, boolean foreignCanary) throws Exception {
        Fake champion = new Fake(500, 0.2, foreignChampion);
        Endpoint endpoint = endpoint(10_000, champion, new Fake(70, 0.4, foreignCanary));
        try (Serving serving = AfterAnswers.serving(endpoint)) {
            Outcome.Scored outcome = scored(serving, endpoint, call("a"));
            assertThat(outcome.answers().getFirst().version()).isEqualTo("m/2");
            assertThat(champion.rows).as("nobody waits for the champion").hasValue(0);
            assertThat(scorer.nanos).isEqualTo(70_000);
            outcome.sent().run();
        }
        List<LogRecord> records = scorer.records();
        assertThat(predictions(records)).singleElement().satisfies(record -> {
            assertThat(record.role()).isEqualTo(Role.CANARY);
            assertThat(record.paired()).isNull();
            assertThat(record.answer().latencyMicros()).isEqualTo(70);
        });
        assertThat(pairs(records))
                .containsExactly(
                        new ShadowRecord("a", "m/1", 1, 2, 0.2, null, new PredictionRecord.Paired("m/2", 0.4), true));
    }

    @Test
    void ourOwnTreesAreComparedAtOnce() throws Exception {
        Endpoint endpoint = endpoint(10_000, new Fake(500, 0.2, false), new Fake(70, 0.4, false));
        try (Serving serving = AfterAnswers.serving(endpoint)) {
            scored(serving, endpoint, call("a")).sent().run();
        }
        List<LogRecord> records = scorer.records();
        assertThat(pairs(records)).isEmpty();
        assertThat(predictions(records).getFirst().paired()).isEqualTo(new PredictionRecord.Paired("m/1", 0.2));
    }

    @Test
    void onlyRowsOfTheCanaryAreScoredAgain() throws Exception {
        Fake champion = new Fake(500, 0.2, true);
        Endpoint endpoint = endpoint(5_000, champion, new Fake(70, 0.4, true));
        String[] ids = IntStream.range(0, 40).mapToObj(i -> "k" + i).toArray(String[]::new);
        try (Serving serving = AfterAnswers.serving(endpoint)) {
            scored(serving, endpoint, call(ids)).sent().run();
        }
        List<LogRecord> records = scorer.records();
        List<String> canaries = predictions(records).stream()
                .filter(record -> record.role() == Role.CANARY)
                .map(PredictionRecord::id)
                .toList();
        assertThat(canaries).hasSizeBetween(10, 30);
        assertThat(pairs(records)).extracting(ShadowRecord::id).containsExactlyElementsOf(canaries);
        assertThat(champion.rows).as("each row once").hasValue(40);
    }

    @Test
    void aRowThatTheCanaryFailedOnHasNoPair() throws Exception {
        Endpoint endpoint = endpoint(10_000, new Fake(500, 0.2, true), new Fake(70, Double.NaN, true));
        try (Serving serving = AfterAnswers.serving(endpoint)) {
            Outcome.Scored outcome = scored(serving, endpoint, call("a"));
            assertThat(outcome.fallback()).isEqualTo("m/1");
            outcome.sent().run();
        }
        assertThat(pairs(scorer.records())).isEmpty();
    }

    @Test
    void aChampionThatFailsAfterTheAnswerIsSaidInThePair() throws Exception {
        Endpoint endpoint = endpoint(10_000, new Fake(500, Double.NaN, true), new Fake(70, 0.4, true));
        try (Serving serving = AfterAnswers.serving(endpoint)) {
            Outcome.Scored outcome = scored(serving, endpoint, call("a"));
            assertThat(outcome.fallback()).as("the canary's answer stands").isEmpty();
            outcome.sent().run();
        }
        assertThat(pairs(scorer.records())).singleElement().satisfies(pair -> {
            assertThat(pair.score()).isNaN();
            assertThat(pair.error()).isEqualTo("broken");
            assertThat(pair.pair()).isTrue();
        });
    }

    @Test
    void underPressurePairsAreDroppedAndCountedAndTheAnswersStand() throws Exception {
        scorer.close();
        scorer = new AfterAnswers(folder, 2);
        Endpoint endpoint = endpoint(10_000, new Fake(500, 0.2, true), new Fake(70, 0.4, true));
        try (Serving serving = AfterAnswers.serving(endpoint)) {
            Outcome.Scored first = scored(serving, endpoint, call("a", "b"));
            Outcome.Scored second = scored(serving, endpoint, call("c", "d", "e"));
            assertThat(second.answers()).hasSize(3);
            first.sent().run();
            second.sent().run();
        }
        List<LogRecord> records = scorer.records();
        assertThat(predictions(records)).hasSize(5);
        assertThat(pairs(records)).extracting(ShadowRecord::id).containsExactly("a", "b");
        assertThat(scorer.metrics.text())
                .contains("perennial_scorer_pairs_dropped_rows_total{} 3")
                .contains("perennial_scorer_shadow_dropped_rows_total{} 0");
    }

    @Test
    void theControlIsTimedApartFromTheChampionsOtherRows() throws Exception {
        Fake champion = new Fake(500, 0.2, true);
        Endpoint endpoint = endpoint(2_000, champion, new Fake(70, 0.4, true));
        String[] ids = IntStream.range(0, 60).mapToObj(i -> "k" + i).toArray(String[]::new);
        try (Serving serving = AfterAnswers.serving(endpoint)) {
            scored(serving, endpoint, call(ids));
        }
        assertThat(champion.calls).as("control and rest").hasValue(2);
        long control = predictions(scorer.records()).stream()
                .filter(record -> record.answer().control())
                .count();
        assertThat(control).isBetween(4L, 22L);
    }

    @Test
    void nothingIsScoredBeforeTheAnswerWasSent() throws Exception {
        Fake champion = new Fake(500, 0.2, true);
        Endpoint endpoint = endpoint(10_000, champion, new Fake(70, 0.4, true));
        try (Serving serving = AfterAnswers.serving(endpoint)) {
            Outcome.Scored outcome = scored(serving, endpoint, call("a"));
            scorer.lanes.passHanging(System.nanoTime() + TimeUnit.SECONDS.toNanos(1));
            assertThat(champion.rows).hasValue(0);
            outcome.sent().run();
        }
        assertThat(pairs(scorer.records())).hasSize(1);
    }

    @Test
    void pairsThatWereOwedWhenTheScorerWasKilledAreMadeFromItsLog() throws Exception {
        String config = foreignPair();
        assertThat(scorer.router.apply(Json.read(config, ScorerConfig.class))).isTrue();
        try (Serving serving = scorer.router.lease()) {
            Endpoint endpoint = Objects.requireNonNull(serving.endpoint("m"));
            scored(serving, endpoint, call("a", "b")); // nobody says that the answer was sent
        }
        scorer.close();
        scorer = new AfterAnswers(folder);
        assertThat(scorer.router.apply(Json.read(config, ScorerConfig.class))).isTrue();
        scorer.shadows.recover();
        List<LogRecord> records = scorer.records();
        assertThat(predictions(records)).hasSize(2);
        assertThat(pairs(records))
                .extracting(pair ->
                        pair.id() + " " + pair.version() + " " + pair.served().version())
                .containsExactly("a m/1 m/2", "b m/1 m/2");
        scorer.close();
        scorer = new AfterAnswers(folder);
        assertThat(scorer.router.apply(Json.read(config, ScorerConfig.class))).isTrue();
        scorer.shadows.recover();
        assertThat(pairs(scorer.records())).as("none is made twice").hasSize(2);
    }

    /** An endpoint whose champion and canary are ONNX models of two columns. */
    private String foreignPair() throws IOException {
        String model = new Models(folder.resolve("blobs")).onnx(OnnxFiles.columns("x", "y"), "x", "y");
        return Models.config(
                1,
                0,
                "null",
                Models.variant("m/1", "champion", 0, model),
                Models.variant("m/2", "canary", 10_000, model));
    }

    private final class Fake implements TabularModel {
        private final long micros;
        private final double score;
        private final boolean foreign;
        private final AtomicInteger rows = new AtomicInteger();
        private final AtomicInteger calls = new AtomicInteger();

        private Fake(long micros, double score, boolean foreign) {
            this.micros = micros;
            this.score = score;
            this.foreign = foreign;
        }

        @Override
        public Signature signature() {
            return SIGNATURE;
        }

        @Override
        public double score(Row row) {
            rows.incrementAndGet();
            scorer.nanos += 1_000 * micros;
            if (Double.isNaN(score)) {
                throw new ModelFailure("broken");
            }
            return score;
        }

        @Override
        public double[] scoreAll(List<Row> all) {
            calls.incrementAndGet();
            double[] scores = new double[all.size()];
            for (int i = 0; i < scores.length; i++) {
                scores[i] = score(all.get(i));
            }
            return scores;
        }

        @Override
        public boolean foreign() {
            return foreign;
        }

        @Override
        public void close() {}
    }
}
