package dev.perennial.scorer.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.DoubleNode;
import dev.perennial.predictionlog.ColumnType;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.Role;
import dev.perennial.scorer.Metrics;
import dev.perennial.scorer.config.ScorerConfig.EndpointConfig;
import dev.perennial.scorer.config.ScorerConfig.FallbackConfig;
import dev.perennial.scorer.config.ScorerConfig.FuseConfig;
import dev.perennial.scorer.config.ScorerConfig.ModelFiles;
import dev.perennial.scorer.config.ScorerConfig.Place;
import dev.perennial.scorer.config.ScorerConfig.VariantConfig;
import dev.perennial.scorer.http.Payloads;
import dev.perennial.scoring.Column;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.Signature;
import dev.perennial.scoring.TabularModel;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

/** Who answers when the champion itself fails, one row at a time and many together. */
class FallbackTest {
    private static final Signature SIGNATURE = new Signature(List.of(new Column("x", ColumnType.NUMBER, true)));
    private static final double BROKEN = Double.NaN;

    private final Predictor predictor = new Predictor(null, null, null, new Metrics(), () -> 0);

    @Test
    void anotherVersionAnswersAndTheChampionsFailureIsKept() {
        PredictionRecord record = predictor.route(endpoint(BROKEN, 0.7, version("m/2")), row("a"));
        assertThat(record.score()).isEqualTo(0.7);
        assertThat(record.version()).isEqualTo("m/2");
        assertThat(record.role()).isEqualTo(Role.FALLBACK);
        assertThat(record.failure().version()).isEqualTo("m/1");
        assertThat(Answer.of(record)).isEqualTo(new Answer("a", 0.7, "m/2", Role.FALLBACK));
    }

    @Test
    void aConstantAnswersAndCallsItselfNoVersion() {
        PredictionRecord record =
                predictor.route(endpoint(BROKEN, 0.7, new FallbackConfig(null, List.of(0.25))), row("a"));
        assertThat(record.score()).isEqualTo(0.25);
        assertThat(Answer.of(record)).isEqualTo(new Answer("a", 0.25, "constant", Role.FALLBACK));
    }

    @Test
    void aConstantMayBeNamedAsTheOutputThatItIs() {
        FallbackConfig score = new FallbackConfig(null, null, java.util.Map.of("score", new DoubleNode(0.25)));
        assertThat(predictor.route(endpoint(BROKEN, 0.7, score), row("a")).score())
                .isEqualTo(0.25);
        FallbackConfig other = new FallbackConfig(null, null, java.util.Map.of("label", new DoubleNode(0.25)));
        assertThat(endpoint(BROKEN, 0.7, other).fallback()).isEmpty();
    }

    @Test
    void whatIsTheCallersFaultIsNotReplaced() {
        ModelFailure fault = new ModelFailure(ModelFailure.Kind.INPUT, "no such airport");
        assertThatThrownBy(() -> Predictor.instead(endpoint(BROKEN, 0.7, version("m/2")), row("a"), fault, () -> 0))
                .isSameAs(fault);
    }

    @Test
    void aChampionThatAnswersIsNotReplaced() {
        PredictionRecord record = predictor.route(endpoint(0.1, 0.7, version("m/2")), row("a"));
        assertThat(Answer.of(record)).isEqualTo(new Answer("a", 0.1, "m/1", Role.CHAMPION));
    }

    @Test
    void withoutAFallbackTheCallFails() {
        assertThatThrownBy(() -> predictor.route(endpoint(BROKEN, 0.7, null), row("a")))
                .isInstanceOf(ModelFailure.class)
                .hasMessage("broken 1");
    }

    @Test
    void aFallbackThatFailsTooTellsTheChampionsFailure() {
        assertThatThrownBy(() -> predictor.route(endpoint(BROKEN, BROKEN, version("m/2")), row("a")))
                .isInstanceOf(ModelFailure.class)
                .hasMessage("broken 1")
                .hasSuppressedException(new ModelFailure("broken 2"));
    }

    @Test
    void aVersionThatIsNotLoadedIsNoFallback() {
        assertThatThrownBy(() -> predictor.route(endpoint(BROKEN, 0.7, version("m/9")), row("a")))
                .isInstanceOf(ModelFailure.class);
    }

    @Test
    void rowsThatAreScoredTogetherFallBackEachForItself() {
        BatchRun run = new BatchRun(null, endpoint(BROKEN, 0.7, version("m/2")), () -> 0);
        run.add(List.of(row("a"), row("b")));
        run.score();
        assertThat(run.failure(0)).isNull();
        assertThat(run.records(0))
                .extracting(record -> record.version() + " " + record.role() + " " + record.score())
                .containsExactly("m/2 FALLBACK 0.7", "m/2 FALLBACK 0.7");
    }

    @Test
    void rowsThatAreScoredTogetherFailWithTheChampionWhenNothingIsDeclared() {
        BatchRun run = new BatchRun(null, endpoint(BROKEN, 0.7, null), () -> 0);
        run.add(List.of(row("a")));
        run.score();
        assertThat(run.failure(0)).hasMessage("broken 1");
    }

    @Test
    void answersTellWhoStoodIn() {
        Endpoint endpoint = endpoint(BROKEN, 0.7, null);
        Answer own = new Answer("a", 1, "m/1", Role.CHAMPION);
        Answer other = new Answer("b", 1, "m/2", Role.FALLBACK);
        Outcome.Scored none = new Outcome.Scored(endpoint, List.of(own, own), true, () -> {});
        Outcome.Scored some = new Outcome.Scored(endpoint, List.of(own, other, other), true, () -> {});
        Outcome.Scored one = new Outcome.Scored(endpoint, List.of(other), true, () -> {});
        assertThat(none.fallback()).isEmpty();
        assertThat(some.fallback()).isEqualTo("m/2");
        assertThat(Payloads.facts(none)).isEmpty();
        assertThat(Payloads.facts(some)).containsExactly(java.util.Map.entry("fallback", "m/2"));
        assertThat(Payloads.facts(one)).containsEntry("fallback", "m/2").containsEntry("version", "m/2");
        assertThat(Payloads.facts(new Outcome.Computed(endpoint, "m/2", List.of(), true, () -> {})))
                .containsExactly(java.util.Map.entry("fallback", "m/2"));
        assertThat(Payloads.facts(new Outcome.Computed(endpoint, "m/2", List.of(), () -> {})))
                .isEmpty();
    }

    private static FallbackConfig version(String version) {
        return new FallbackConfig(version, null);
    }

    private static Endpoint endpoint(double champion, double other, FallbackConfig fallback) {
        Schema schema = new Schema(SIGNATURE, List.of(SIGNATURE), List.of());
        VariantConfig first = new VariantConfig("m/1", Place.CHAMPION, 10_000, files());
        VariantConfig second = new VariantConfig("m/2", Place.WARM, 0, files());
        EndpointConfig config = new EndpointConfig(
                "m",
                List.of(),
                "salt",
                null,
                List.of(first, second),
                null,
                null,
                null,
                fallback,
                null,
                null,
                null,
                null);
        return new Endpoint(
                config,
                schema,
                variant(first, new Fake(1, champion), schema),
                List.of(variant(second, new Fake(2, other), schema)));
    }

    private static Variant variant(VariantConfig config, TabularModel model, Schema schema) {
        Fuse fuse = new Fuse("m", config.version(), null, new FuseConfig(null, null, null), false);
        return new Variant(config, model, schema, fuse, new LongAdder());
    }

    private static ModelFiles files() {
        return new ModelFiles("0".repeat(64), "1".repeat(64));
    }

    private static Instance row(String id) {
        return new Instance(id, 1, 2, new Row(1), new boolean[] {true});
    }

    private record Fake(int number, double score) implements TabularModel {
        @Override
        public Signature signature() {
            return SIGNATURE;
        }

        @Override
        public double score(Row row) {
            if (Double.isNaN(score)) {
                throw new ModelFailure("broken " + number);
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
