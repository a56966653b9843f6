package dev.perennial.scorer.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.predictionlog.ColumnType;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.Role;
import dev.perennial.scorer.Metrics;
import dev.perennial.scorer.config.ScorerConfig.EndpointConfig;
import dev.perennial.scorer.config.ScorerConfig.FuseConfig;
import dev.perennial.scorer.config.ScorerConfig.ModelFiles;
import dev.perennial.scorer.config.ScorerConfig.Place;
import dev.perennial.scorer.config.ScorerConfig.VariantConfig;
import dev.perennial.scoring.Column;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.Signature;
import dev.perennial.scoring.TabularModel;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a row's record says of the time that its version took; models move the clock by what they cost. */
class PredictorTest {
    private static final Signature SIGNATURE = new Signature(List.of(new Column("x", ColumnType.NUMBER, true)));
    private static final FuseConfig FUSE = new FuseConfig(null, null, null);

    private long nanos;
    private final Predictor predictor = new Predictor(null, null, null, new Metrics(), () -> nanos);

    @Test
    void aCanarysTimeIsItsOwnWithoutTheChampionThatScoresBesideIt() {
        PredictionRecord record = predictor.route(endpoint(10_000, model(500, 0.2), model(70, 0.4)), row("a"));
        assertThat(record.role()).isEqualTo(Role.CANARY);
        assertThat(record.paired().score()).isEqualTo(0.2);
        assertThat(record.answer().latencyMicros()).isEqualTo(70);
    }

    @Test
    void aChampionsTimeIsItsOwn() {
        PredictionRecord record = predictor.route(endpoint(0, model(500, 0.2), model(70, 0.4)), row("a"));
        assertThat(record.role()).isEqualTo(Role.CHAMPION);
        assertThat(record.answer().latencyMicros()).isEqualTo(500);
    }

    @Test
    void aControlRowTakesTheChampionsTimeOnly() {
        Endpoint half = endpoint(5_000, model(500, 0.2), model(70, 0.4));
        for (int i = 0; i < 50; i++) {
            PredictionRecord record = predictor.route(half, row("k" + i));
            boolean canary = record.role() == Role.CANARY;
            assertThat(record.answer().control()).isEqualTo(!canary);
            assertThat(record.answer().latencyMicros()).isEqualTo(canary ? 70 : 500);
        }
    }

    @Test
    void aFallbacksTimeIsTheChampionsWhoAnswered() {
        TabularModel broken = new Fake(70, Double.NaN);
        PredictionRecord record = predictor.route(endpoint(10_000, model(500, 0.2), broken), row("a"));
        assertThat(record.role()).isEqualTo(Role.FALLBACK);
        assertThat(record.answer().latencyMicros()).isEqualTo(500);
        assertThat(record.failure().version()).isEqualTo("m/2");
    }

    @Test
    void rowsThatAreScoredTogetherTakeTheMeanOfTheirOwnVersion() {
        BatchRun run = new BatchRun(null, endpoint(5_000, model(500, 0.2), model(70, 0.4)), () -> nanos);
        run.add(IntStream.range(0, 40).mapToObj(i -> row("k" + i)).toList());
        run.score();
        assertThat(run.records(0))
                .extracting(record -> record.role() + " " + record.answer().latencyMicros())
                .containsOnly("CANARY 70", "CHAMPION 500");
    }

    @Test
    void withoutACanaryHalfOfTheCallersAreDrawnAsControlWhereHalvesAreWanted() {
        Endpoint halved = endpoint(0, model(500, 0.2), model(70, 0.4), true);
        List<String> drawn = drawn(halved);
        assertThat(drawn).hasSizeBetween(430, 570);
        assertThat(drawn(endpoint(0, model(500, 0.2), model(70, 0.4), true)))
                .as("the same callers each time")
                .isEqualTo(drawn);
        assertThat(drawn(endpoint(0, model(500, 0.2), model(70, 0.4), null))).isEmpty();
        assertThat(drawn(endpoint(0, model(500, 0.2), model(70, 0.4), false))).isEmpty();
    }

    private List<String> drawn(Endpoint endpoint) {
        return IntStream.range(0, 1_000)
                .mapToObj(i -> predictor.route(endpoint, row("k" + i)))
                .filter(record -> record.answer().control())
                .map(PredictionRecord::id)
                .toList();
    }

    @Test
    void whoCallsDecidesInPlaceOfTheRowsIds() {
        Endpoint half = endpoint(5_000, model(500, 0.2), model(70, 0.4));
        for (String key : List.of("ann", "bob", "cid", "dan", "eve")) {
            assertThat(IntStream.range(0, 20).mapToObj(i -> half.choose(row("k" + i), key)))
                    .as(key)
                    .hasSize(20)
                    .containsOnly(half.choose(row(key)));
        }
        BatchRun run = new BatchRun(null, half, () -> nanos);
        run.add(IntStream.range(0, 40).mapToObj(i -> row("k" + i)).toList(), "ann");
        run.score();
        assertThat(run.records(0))
                .extracting(PredictionRecord::role)
                .hasSize(40)
                .containsOnly(run.records(0).getFirst().role());
    }

    @Test
    void whoHasTheCandidateKeepsItAsItsShareGrows() {
        Set<String> before = Set.of();
        for (int weight : new int[] {100, 500, 1_000, 2_500, 5_000, 9_999}) {
            Endpoint endpoint = endpoint(weight, model(500, 0.2), model(70, 0.4));
            Set<String> now = IntStream.range(0, 500)
                    .mapToObj(i -> "caller " + i)
                    .filter(key -> endpoint.choose(row("any"), key).canary() != null)
                    .collect(Collectors.toSet());
            assertThat(now).as("at %d", weight).containsAll(before);
            before = now;
        }
        assertThat(before).hasSizeGreaterThan(490);
    }

    @Test
    void aCallThatTheChampionFailsOnCountsAgainstTheGroupThatWasDrawn() {
        Endpoint halved = endpoint(0, new Fake(70, Double.NaN), model(70, 0.4), true);
        for (int i = 0; i < 50; i++) {
            Split.Choice choice = halved.choose(row("k" + i));
            PredictionRecord record = Routed.failed(halved, choice, "broken").record(halved, row("k" + i));
            assertThat(record.role()).isEqualTo(Role.CHAMPION);
            assertThat(record.score()).isNaN();
            assertThat(record.failure()).isEqualTo(new PredictionRecord.Failure("m/1", "broken"));
            assertThat(record.answer().control()).isEqualTo(choice.control());
        }
    }

    @Test
    void aCallThatNobodyCouldAnswerCountsAgainstTheCandidateThatWasDrawn() {
        Endpoint endpoint = endpoint(10_000, new Fake(70, Double.NaN), new Fake(70, Double.NaN));
        PredictionRecord record =
                Routed.failed(endpoint, endpoint.choose(row("a")), "broken").record(endpoint, row("a"));
        assertThat(record.role()).isEqualTo(Role.FALLBACK);
        assertThat(record.failure().version()).isEqualTo("m/2");
    }

    @Test
    void theRowThatACallFailedByIsKnown() {
        Endpoint endpoint = endpoint(0, new Fake(70, Double.NaN), model(70, 0.4));
        BatchRun run = new BatchRun(null, endpoint, () -> nanos);
        run.add(List.of(row("a"), row("b")));
        run.score();
        assertThat(run.failedRow(0).id()).isEqualTo("a");
        BatchRun whole = new BatchRun(null, endpoint(0, model(1, 0.2), model(1, 0.2)), () -> nanos);
        whole.add(List.of(row("a")));
        whole.score();
        assertThat(whole.failedRow(0)).isNull();
        assertThat(whole.failure(0)).isNull();
    }

    private Endpoint endpoint(int weight, TabularModel champion, TabularModel canary) {
        return endpoint(weight, champion, canary, null);
    }

    private Endpoint endpoint(int weight, TabularModel champion, TabularModel canary, Boolean halves) {
        Schema schema = new Schema(SIGNATURE, List.of(SIGNATURE), List.of("x"));
        VariantConfig first = new VariantConfig("m/1", Place.CHAMPION, 10_000 - weight, files());
        VariantConfig second = new VariantConfig("m/2", Place.CANARY, weight, files());
        EndpointConfig config = new EndpointConfig(
                "m",
                List.of("x"),
                "salt",
                null,
                List.of(first, second),
                null,
                "r1",
                null,
                null,
                halves,
                null,
                null,
                null);
        return new Endpoint(config, schema, variant(first, champion, schema), List.of(variant(second, canary, schema)));
    }

    private static Variant variant(VariantConfig config, TabularModel model, Schema schema) {
        return new Variant(config, model, schema, new Fuse("m", config.version(), "r1", FUSE, false), new LongAdder());
    }

    private static ModelFiles files() {
        return new ModelFiles("0".repeat(64), "1".repeat(64));
    }

    private static Instance row(String id) {
        return new Instance(id, 1, 2, new Row(1), new boolean[] {true});
    }

    private TabularModel model(long micros, double score) {
        return new Fake(micros, score);
    }

    private final class Fake implements TabularModel {
        private final long micros;
        private final double score;

        private Fake(long micros, double score) {
            this.micros = micros;
            this.score = score;
        }

        @Override
        public Signature signature() {
            return SIGNATURE;
        }

        @Override
        public double score(Row row) {
            nanos += 1_000 * micros;
            if (Double.isNaN(score)) {
                throw new ModelFailure("broken");
            }
            return score;
        }

        @Override
        public boolean foreign() {
            return false;
        }

        @Override
        public void close() {}
    }
}
