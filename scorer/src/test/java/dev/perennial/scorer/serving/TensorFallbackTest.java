package dev.perennial.scorer.serving;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.scorer.config.ScorerConfig.EndpointConfig;
import dev.perennial.scorer.config.ScorerConfig.FallbackConfig;
import dev.perennial.scorer.config.ScorerConfig.FuseConfig;
import dev.perennial.scorer.config.ScorerConfig.ModelFiles;
import dev.perennial.scorer.config.ScorerConfig.Place;
import dev.perennial.scorer.config.ScorerConfig.VariantConfig;
import dev.perennial.scoring.Model;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.ModelFailure.Kind;
import dev.perennial.scoring.ModelSchema;
import dev.perennial.scoring.RunLimit;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import dev.perennial.tensors.TensorSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who answers tensors when the champion itself fails, one call at a time and several together. */
class TensorFallbackTest {
    private static final ModelSchema SCHEMA = new ModelSchema(
            List.of(TensorSpec.column("in", DataType.FP64)), List.of(TensorSpec.column("out", DataType.FP64)), null);
    private static final FallbackConfig HALF = new FallbackConfig(null, null, Map.of("out", new DoubleNode(0.5)));
    private static final FallbackConfig OTHER = new FallbackConfig("m/2", null);

    @TempDir
    Path folder;

    private AfterAnswers scorer;
    private final LongAdder calls = new LongAdder();

    @BeforeEach
    void open() {
        scorer = new AfterAnswers(folder);
    }

    @AfterEach
    void close() {
        scorer.close();
    }

    /** Gives back {@code factor} times its input, or fails. */
    private record Fake(
            ModelSchema schema, double factor, @Nullable Kind fails, LongAdder calls) implements Model {
        @Override
        public List<Tensor> run(List<Tensor> inputs, RunLimit limit) {
            calls.increment();
            if (fails != null) {
                throw new ModelFailure(fails, "it is " + fails);
            }
            Tensor in = inputs.getFirst();
            double[] out = new double[in.elements()];
            for (int i = 0; i < out.length; i++) {
                out[i] = factor * in.number(i);
            }
            return List.of(Tensor.doubles("out", out));
        }

        @Override
        public boolean foreign() {
            return true;
        }

        @Override
        public void close() {}
    }

    private Endpoint endpoint(@Nullable Kind champion, ModelSchema other, @Nullable FallbackConfig fallback) {
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
                null,
                variant(first, new Fake(SCHEMA, 1, champion, calls)),
                List.of(variant(second, new Fake(other, 10, null, new LongAdder()))));
    }

    private Endpoint endpoint(@Nullable Kind champion, @Nullable FallbackConfig fallback) {
        return endpoint(champion, SCHEMA, fallback);
    }

    private static Variant variant(VariantConfig config, Model model) {
        Fuse fuse = new Fuse("m", config.version(), null, new FuseConfig(null, null, null), false);
        return new Variant(config, model, null, fuse, new LongAdder());
    }

    private static ModelFiles files() {
        return new ModelFiles("0".repeat(64), "1".repeat(64));
    }

    private List<Outcome> run(Endpoint endpoint, double[]... inputs) {
        try (Serving serving = AfterAnswers.serving(endpoint)) {
            return scorer.predictor.run(
                    serving,
                    endpoint,
                    Stream.of(inputs)
                            .map(values -> new Predictor.TensorsCall(
                                    AfterAnswers.readCall(),
                                    new Payload.Tensors(List.of(Tensor.doubles("in", values)))))
                            .toList());
        }
    }

    private static String told(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Computed computed ->
                computed.version() + " " + numbers(computed.outputs().getFirst()) + " '" + computed.fallback() + "'";
            case Outcome.Failed failed ->
                failed.why().code() + ": " + failed.why().getMessage();
            case Outcome.Scored scored -> throw new AssertionError(scored);
        };
    }

    private static List<Double> numbers(Tensor tensor) {
        return Stream.iterate(0, i -> i + 1)
                .limit(tensor.elements())
                .map(tensor::number)
                .toList();
    }

    @Test
    void aConstantAnswersEachRowMarksItselfAndIsCounted() {
        assertThat(run(endpoint(Kind.CRASH, HALF), new double[] {1, 2}))
                .extracting(TensorFallbackTest::told)
                .containsExactly("constant [0.5, 0.5] 'constant'");
        assertThat(scorer.metrics.text())
                .contains(
                        "perennial_scorer_predictions_total{endpoint=\"m\",version=\"constant\",role=\"fallback\"} 1");
    }

    @Test
    void anotherVersionAnswersWithItsOwnOutputs() {
        assertThat(run(endpoint(Kind.MODEL, OTHER), new double[] {1, 2}))
                .extracting(TensorFallbackTest::told)
                .containsExactly("m/2 [10.0, 20.0] 'm/2'");
    }

    @Test
    void aVersionThatTakesOtherTensorsIsNoFallback() {
        ModelSchema wider = new ModelSchema(List.of(TensorSpec.column("in", DataType.FP32)), SCHEMA.outputs(), null);
        assertThat(run(endpoint(Kind.MODEL, wider, OTHER), new double[] {1}))
                .extracting(TensorFallbackTest::told)
                .containsExactly(ErrorCode.INTERNAL + ": the model m/1 failed: it is MODEL");
    }

    @Test
    void aChampionThatAnswersIsNotReplaced() {
        assertThat(run(endpoint(null, HALF), new double[] {3}))
                .extracting(TensorFallbackTest::told)
                .containsExactly("m/1 [3.0] ''");
    }

    @Test
    void whatIsTheCallersFaultIsToldAndNotReplaced() {
        assertThat(run(endpoint(Kind.INPUT, HALF), new double[] {1}))
                .extracting(TensorFallbackTest::told)
                .containsExactly(ErrorCode.INVALID_ARGUMENT + ": the model m/1 does not take this: it is INPUT");
    }

    @ParameterizedTest
    @EnumSource(names = {"AWAY", "DEADLINE"})
    void aChampionThatIsAwayIsAskedOnceForSeveralCalls(Kind kind) {
        assertThat(run(endpoint(kind, HALF), new double[] {1}, new double[] {2, 3}))
                .extracting(TensorFallbackTest::told)
                .containsExactly("constant [0.5] 'constant'", "constant [0.5, 0.5] 'constant'");
        assertThat(calls.sum()).isOne();
        assertThat(scorer.metrics.text())
                .contains(
                        "perennial_scorer_predictions_total{endpoint=\"m\",version=\"constant\",role=\"fallback\"} 2");
    }

    @Test
    void severalCallsGetEachItsPartOfWhatTheOtherVersionGives() {
        assertThat(run(endpoint(Kind.AWAY, OTHER), new double[] {1}, new double[] {2, 3}))
                .extracting(TensorFallbackTest::told)
                .containsExactly("m/2 [10.0] 'm/2'", "m/2 [20.0, 30.0] 'm/2'");
    }

    @Test
    void aChampionThatCrashesIsTriedAgainForEachCallAlone() {
        assertThat(run(endpoint(Kind.CRASH, HALF), new double[] {1}, new double[] {2}))
                .extracting(TensorFallbackTest::told)
                .containsExactly("constant [0.5] 'constant'", "constant [0.5] 'constant'");
        assertThat(calls.sum()).as("together, and each alone").isEqualTo(3);
    }

    @Test
    void severalCallsFailTogetherWhenNothingIsDeclared() {
        assertThat(run(endpoint(Kind.AWAY, null), new double[] {1}, new double[] {2}))
                .extracting(TensorFallbackTest::told)
                .containsOnly(ErrorCode.UNAVAILABLE + ": the model m/1 failed: it is AWAY");
    }

    @Test
    void aConstantThatDoesNotFitTheModelIsNone() {
        FallbackConfig text = new FallbackConfig(null, null, Map.of("out", new TextNode("half")));
        FallbackConfig score = new FallbackConfig(null, List.of(0.5));
        assertThat(endpoint(Kind.AWAY, text).fallback()).isEmpty();
        assertThat(endpoint(Kind.AWAY, score).fallback()).isEmpty();
    }
}
