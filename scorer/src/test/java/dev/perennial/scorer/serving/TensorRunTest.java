package dev.perennial.scorer.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.predictionlog.CallTally;
import dev.perennial.predictionlog.CallTally.Counts;
import dev.perennial.predictionlog.CallTally.Group;
import dev.perennial.predictionlog.CallTally.Times;
import dev.perennial.scorer.config.ScorerConfig.Place;
import dev.perennial.scorer.serving.Predictor.TensorsCall;
import dev.perennial.scoring.Model;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.ModelSchema;
import dev.perennial.scoring.RunLimit;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import dev.perennial.tensors.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which version answers tensors, and what is tallied of them; models move the clock by what they cost. */
class TensorRunTest {
    private static final byte REFUSED = 13;

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

    private List<Outcome> run(Endpoint endpoint, TensorsCall... calls) {
        try (Serving serving = AfterAnswers.serving(endpoint)) {
            List<Outcome> outcomes = scorer.predictor.run(serving, endpoint, List.of(calls));
            outcomes.forEach(outcome -> {
                if (outcome instanceof Outcome.Computed computed) {
                    computed.sent().run();
                }
            });
            return outcomes;
        }
    }

    private static TensorsCall call(String key, long rows) {
        Tensor tensor = Tensor.of("in", DataType.INT64, new long[] {rows}, ByteBuffer.allocate((int) rows * 8));
        return call(key, tensor);
    }

    private static TensorsCall call(String key, Tensor tensor) {
        return new TensorsCall(AfterAnswers.readCall(), new Payload.Tensors(List.of(tensor), key));
    }

    /** Keys that the split gives to a group, at half of the traffic. */
    private static List<String> keys(Endpoint endpoint, Group group, int count) {
        return IntStream.range(0, 1_000)
                .mapToObj(i -> "caller " + i)
                .filter(key -> {
                    Split.Choice choice = endpoint.choose(key);
                    Group drawn =
                            choice.canary() != null ? Group.CANDIDATE : choice.control() ? Group.CONTROL : Group.REST;
                    return drawn == group;
                })
                .limit(count)
                .toList();
    }

    private static String version(Outcome outcome) {
        return ((Outcome.Computed) outcome).version();
    }

    private Endpoint canary(Model champion, Model candidate) {
        return scorer.endpoint(Place.CANARY, 2_000, champion, candidate);
    }

    @Test
    void aCallersTensorsGoToTheVersionThatIsDrawnForTheCaller() {
        Endpoint endpoint = canary(new Fake(1), new Fake(1));
        List<String> drawn = keys(endpoint, Group.CANDIDATE, 1_000);
        assertThat(drawn).hasSizeBetween(150, 250);
        for (int i = 0; i < 100; i++) {
            String key = "caller " + i;
            String expected = drawn.contains(key) ? "m/2" : "m/1";
            assertThat(version(run(endpoint, call(key, 1)).getFirst())).isEqualTo(expected);
        }
    }

    @Test
    void aCallLeavesVersionGroupRowsAndTheVersionsOwnTime() throws Exception {
        Endpoint endpoint = canary(new Fake(500), new Fake(70));
        run(endpoint, call(keys(endpoint, Group.CANDIDATE, 1).getFirst(), 3));
        run(endpoint, call(keys(endpoint, Group.CONTROL, 1).getFirst(), 4));
        run(endpoint, call(keys(endpoint, Group.REST, 1).getFirst(), 5));
        assertThat(scorer.calls())
                .containsExactly(
                        tally("m/2", Group.CANDIDATE, new Counts(1, 3, 0, 0), Times.of(70)),
                        tally("m/1", Group.CONTROL, new Counts(1, 4, 0, 0), Times.of(500)),
                        tally("m/1", Group.REST, new Counts(1, 5, 0, 0), Times.of(500)));
    }

    private static CallTally tally(String version, Group group, Counts counts, Times times) {
        return new CallTally(AfterAnswers.MINUTE, version, group, counts, times);
    }

    @Test
    void aServerThatDoesNotAskForTalliesGetsNone() throws Exception {
        Fake shadow = new Fake(1);
        Endpoint endpoint = scorer.endpoint(Place.SHADOW, 0, new Fake(500), shadow, null);
        assertThat(version(run(endpoint, call("ann", 1)).getFirst())).isEqualTo("m/1");
        assertThat(scorer.logged()).isEmpty();
        assertThat(shadow.batches).as("nobody would hear of its copies").isEmpty();
    }

    @Test
    void callsOfAMinuteAddUp() throws Exception {
        Endpoint endpoint = canary(new Fake(500), new Fake(70));
        for (String key : keys(endpoint, Group.CANDIDATE, 40)) {
            run(endpoint, call(key, 2));
        }
        assertThat(scorer.calls()).singleElement().satisfies(all -> {
            assertThat(all.counts()).isEqualTo(new Counts(40, 80, 0, 0));
            assertThat(all.times().timed()).isEqualTo(40);
        });
    }

    @Test
    void aCanaryThatFailsIsReplacedByTheChampionAndCounted() throws Exception {
        Endpoint endpoint = canary(new Fake(500), new Fake(ModelFailure.Kind.MODEL));
        Outcome.Computed answer = (Outcome.Computed) run(
                        endpoint, call(keys(endpoint, Group.CANDIDATE, 1).getFirst(), 3))
                .getFirst();
        assertThat(answer.version()).isEqualTo("m/1");
        assertThat(answer.fallback()).isEqualTo("m/1");
        assertThat(scorer.calls())
                .as("the champion's time is not the candidate's")
                .containsExactly(tally("m/2", Group.CANDIDATE, new Counts(1, 3, 1, 1), Times.NONE));
        assertThat(scorer.metrics.text()).contains("version=\"m/1\",role=\"fallback\"} 1");
    }

    @Test
    void aCanaryThatFailsInARowIsTakenOutAndItsCallersGetTheChampion() {
        Endpoint endpoint = canary(new Fake(500), new Fake(ModelFailure.Kind.CRASH));
        List<String> keys = keys(endpoint, Group.CANDIDATE, 4);
        for (String key : keys) {
            run(endpoint, call(key, 1));
        }
        assertThat(scorer.blown).singleElement().satisfies(report -> {
            assertThat(report.version()).isEqualTo("m/2");
            assertThat(report.reason()).isEqualTo("3 errors in a row");
        });
        assertThat(endpoint.choose(keys.getFirst()).canary()).isNull();
    }

    @Test
    void aVersionOfOtherTensorsFailsEachCallInsteadOfAnsweringOtherwise() throws Exception {
        Endpoint endpoint = canary(new Fake(500), new Fake("other", "out"));
        Outcome answer = run(endpoint, call(keys(endpoint, Group.CANDIDATE, 1).getFirst(), 1))
                .getFirst();
        assertThat(version(answer)).isEqualTo("m/1");
        assertThat(scorer.calls()).extracting(one -> one.counts().errors()).containsExactly(1L);
    }

    @ParameterizedTest
    @EnumSource(
            value = ModelFailure.Kind.class,
            names = {"MODEL", "DEADLINE", "CRASH", "AWAY"})
    void aCallThatNobodyCouldAnswerCountsAgainstTheVersionThatWasDrawn(ModelFailure.Kind kind) throws Exception {
        Endpoint endpoint = canary(new Fake(kind), new Fake(kind));
        List<Outcome> outcomes = new ArrayList<>();
        outcomes.addAll(run(endpoint, call(keys(endpoint, Group.CANDIDATE, 1).getFirst(), 1)));
        outcomes.addAll(run(endpoint, call(keys(endpoint, Group.CONTROL, 1).getFirst(), 1)));
        assertThat(outcomes)
                .allSatisfy(outcome ->
                        assertThat(((Outcome.Failed) outcome).why().code()).isEqualTo(kind.code()));
        assertThat(scorer.calls())
                .containsExactly(
                        tally("m/2", Group.CANDIDATE, new Counts(1, 1, 1, 0), Times.NONE),
                        tally("m/1", Group.CONTROL, new Counts(1, 1, 1, 0), Times.NONE));
    }

    @Test
    void whatTheChampionDoesNotTakeEitherIsTheCallersFaultAndCountsForNobody() throws Exception {
        Endpoint endpoint = canary(new Fake(ModelFailure.Kind.INPUT), new Fake(ModelFailure.Kind.INPUT));
        for (Group group : Group.values()) {
            Outcome outcome =
                    run(endpoint, call(keys(endpoint, group, 1).getFirst(), 1)).getFirst();
            assertThat(((Outcome.Failed) outcome).why().code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
        }
        assertThat(scorer.calls()).isEmpty();
        assertThat(scorer.blown).isEmpty();
    }

    @Test
    void whatOnlyTheCanaryDoesNotTakeIsItsError() throws Exception {
        Endpoint endpoint = canary(new Fake(500), new Fake(ModelFailure.Kind.INPUT));
        for (String key : keys(endpoint, Group.CANDIDATE, 5)) {
            assertThat(version(run(endpoint, call(key, 1)).getFirst())).isEqualTo("m/1");
        }
        assertThat(scorer.calls()).extracting(one -> one.counts().errors()).containsExactly(5L);
        assertThat(scorer.blown).as("no fuse blows on it").isEmpty();
    }

    @Test
    void callsOfOneVersionGoThroughItTogetherAndTheControlIsTimedApart() throws Exception {
        Fake champion = new Fake(600);
        Fake candidate = new Fake(90);
        Endpoint endpoint = canary(champion, candidate);
        List<TensorsCall> calls = new ArrayList<>();
        for (Group group : Group.values()) {
            keys(endpoint, group, 3).forEach(key -> calls.add(call(key, 2)));
        }
        List<Outcome> outcomes = run(endpoint, calls.toArray(TensorsCall[]::new));
        assertThat(outcomes)
                .extracting(TensorRunTest::version)
                .containsExactly("m/2", "m/2", "m/2", "m/1", "m/1", "m/1", "m/1", "m/1", "m/1");
        assertThat(outcomes)
                .allSatisfy(outcome -> assertThat(((Outcome.Computed) outcome)
                                .outputs()
                                .getFirst()
                                .rows())
                        .isEqualTo(2));
        assertThat(candidate.batches).containsExactly(6L);
        assertThat(champion.batches).containsExactly(6L, 6L);
        assertThat(scorer.calls())
                .extracting(one ->
                        one.group() + " " + Math.round(Math.exp(one.times().log() / 3)))
                .containsExactly("CANDIDATE 30", "CONTROL 200", "REST 200");
    }

    @Test
    void bothHalvesThatRanTogetherAreCountedAndNotTimed() throws Exception {
        Fake champion = new Fake(600);
        Endpoint endpoint = scorer.endpoint(Place.WARM, 0, champion, new Fake(1));
        List<TensorsCall> calls = new ArrayList<>();
        keys(endpoint, Group.CONTROL, 2).forEach(key -> calls.add(call(key, 1)));
        keys(endpoint, Group.REST, 2).forEach(key -> calls.add(call(key, 1)));
        run(endpoint, calls.toArray(TensorsCall[]::new));
        assertThat(champion.batches).as("no batch is smaller for it").containsExactly(4L);
        assertThat(scorer.calls())
                .extracting(one -> one.group() + " " + one.counts().calls() + " "
                        + one.times().timed())
                .containsExactly("CONTROL 2 0", "REST 2 0");
    }

    @Test
    void aHalfThatRanAloneIsTimed() throws Exception {
        Endpoint endpoint = scorer.endpoint(Place.WARM, 0, new Fake(600), new Fake(1));
        run(
                endpoint,
                keys(endpoint, Group.CONTROL, 2).stream()
                        .map(key -> call(key, 1))
                        .toArray(TensorsCall[]::new));
        assertThat(scorer.calls()).extracting(one -> one.times().timed()).containsExactly(2L);
    }

    @Test
    void aShadowScoresACopyAfterTheAnswer() throws Exception {
        Fake shadow = new Fake(1);
        Endpoint endpoint = scorer.endpoint(Place.SHADOW, 0, new Fake(500), shadow);
        try (Serving serving = AfterAnswers.serving(endpoint)) {
            List<Outcome> outcomes = scorer.predictor.run(serving, endpoint, List.of(call("ann", 6)));
            assertThat(version(outcomes.getFirst())).isEqualTo("m/1");
            assertThat(shadow.batches).as("nothing before the answer").isEmpty();
            ((Outcome.Computed) outcomes.getFirst()).sent().run();
        }
        assertThat(scorer.calls())
                .filteredOn(one -> one.group() == Group.CANDIDATE)
                .containsExactly(tally("m/2", Group.CANDIDATE, new Counts(1, 6, 0, 0), Times.NONE));
        assertThat(shadow.batches).containsExactly(6L);
    }

    @Test
    void aShadowThatFailsIsCountedAndTakenOut() throws Exception {
        Endpoint endpoint = scorer.endpoint(Place.SHADOW, 0, new Fake(500), new Fake(ModelFailure.Kind.MODEL));
        for (int i = 0; i < 5; i++) {
            run(endpoint, call("ann", 1));
        }
        assertThat(scorer.calls())
                .filteredOn(one -> one.group() == Group.CANDIDATE)
                .extracting(CallTally::counts)
                .as("it got no call after its third failure in a row")
                .containsExactly(new Counts(3, 3, 3, 0));
        assertThat(scorer.blown).hasSize(1);
    }

    @Test
    void aCopyThatIsTooLargeForTheLaneIsDroppedAndItsRowsAreCounted() throws Exception {
        Fake shadow = new Fake(1);
        Endpoint endpoint = scorer.endpoint(Place.SHADOW, 0, new Fake(500), shadow);
        Tensor large =
                Tensor.of("in", DataType.INT64, new long[] {3, 100_000}, ByteBuffer.allocate(3 * 100_000 * Long.BYTES));
        run(endpoint, call("ann", large));
        assertThat(scorer.calls()).extracting(CallTally::group).doesNotContain(Group.CANDIDATE);
        assertThat(shadow.batches).isEmpty();
        assertThat(scorer.metrics.text()).contains("perennial_scorer_shadow_dropped_rows_total{} 3");
    }

    @Test
    void aModelThatRefusesACallAsTheCallersFaultFailsThatCallOnly() {
        Endpoint endpoint = canary(new Fake(1), new Fake(1));
        String key = keys(endpoint, Group.REST, 1).getFirst();
        Tensor refused = Tensor.of(
                "in", DataType.INT64, new long[] {1}, ByteBuffer.allocate(8).put(0, REFUSED));
        List<Outcome> outcomes = run(endpoint, call(key, 1), call(key, refused), call(key, 1));
        assertThat(outcomes.get(0)).isInstanceOf(Outcome.Computed.class);
        assertThat(outcomes.get(1)).isInstanceOf(Outcome.Failed.class);
        assertThat(outcomes.get(2)).isInstanceOf(Outcome.Computed.class);
    }

    /** Gives its input back but for one number, or fails always. */
    private final class Fake implements Model {
        private final long micros;
        private final ModelFailure.Kind failing;
        private final ModelSchema schema;
        private final List<Long> batches = new ArrayList<>();

        private Fake(long micros) {
            this(micros, null, "in", "out");
        }

        private Fake(ModelFailure.Kind failing) {
            this(1, failing, "in", "out");
        }

        private Fake(String input, String output) {
            this(1, null, input, output);
        }

        private Fake(long micros, ModelFailure.Kind failing, String input, String output) {
            this.micros = micros;
            this.failing = failing;
            Function<String, List<TensorSpec>> spec =
                    name -> List.of(new TensorSpec(name, DataType.INT64, List.of(-1L)));
            this.schema = new ModelSchema(spec.apply(input), spec.apply(output), null);
        }

        @Override
        public ModelSchema schema() {
            return schema;
        }

        @Override
        public List<Tensor> run(List<Tensor> inputs, RunLimit limit) {
            scorer.nanos += 1_000 * micros;
            if (failing != null) {
                throw new ModelFailure(failing, "it broke");
            }
            Tensor input = inputs.getFirst();
            for (int i = 0; i < input.elements(); i++) {
                if (input.whole(i) == REFUSED) {
                    throw PerennialException.invalid("in", "in: no such number");
                }
            }
            batches.add(input.rows());
            return List.of(input.named("out"));
        }

        @Override
        public boolean foreign() {
            return true;
        }

        @Override
        public void close() {}
    }
}
