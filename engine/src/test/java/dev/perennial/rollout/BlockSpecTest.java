package dev.perennial.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.rollout.BlockSpec.Guards;
import dev.perennial.rollout.BlockSpec.Step;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What people may write of a rollout by time and rows. */
class BlockSpecTest {
    @Test
    void stepsAreWrittenInWords() {
        BlockSpec spec = BlockSpec.parse("shadow 10m, 10% 30m, 12.5 % 2h 500 rows, 50% 1d");
        assertThat(spec.steps())
                .containsExactly(
                        new Step(0, 10, null),
                        new Step(0.1, 30, null),
                        new Step(0.125, 120, 500),
                        new Step(0.5, 1_440, null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10%", "shadow", "10% 5", "10% m", "ten % 5m", "10% 5m,", "shadow 10m; 10% 5m", "5m"})
    void whatIsNoStepIsToldWithAnExample(String text) {
        assertThatThrownBy(() -> BlockSpec.parse(text))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining(
                        "is no step of a rollout; write for example 'shadow 10m, 10% 30m, 50% 1h 500 rows'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"100% 5m", "10% 5m, 10% 5m", "50% 5m, 10% 5m", "10% 5m, shadow 5m"})
    void sharesGrowFromStepToStepAndLeaveSomethingToTheChampion(String text) {
        assertThatThrownBy(() -> BlockSpec.parse(text)).hasMessageStartingWith("shares lie from 0 (the shadow)");
    }

    @Test
    void aStepLastsAMinuteToAMonth() {
        assertThatThrownBy(() -> BlockSpec.parse("10% 0m")).hasMessage("a step lasts 1 to 43200 minutes, got 0");
        assertThatThrownBy(() -> BlockSpec.parse("10% 31d")).hasMessage("a step lasts 1 to 43200 minutes, got 44640");
        assertThatThrownBy(() -> BlockSpec.parse("10% 999999d")).hasMessageContaining("a step lasts");
    }

    @Test
    void aBlockIsAMinuteUntilThereWouldBeTooMany() {
        assertThat(BlockSpec.parse("10% 480m").plan().pace().blockMillis()).isEqualTo(60_000);
        assertThat(BlockSpec.parse("10% 481m").plan().pace().blockMillis()).isEqualTo(120_000);
        assertThat(BlockSpec.parse("10% 30d").plan().pace().blockMillis()).isEqualTo(90 * 60_000L);
    }

    @Test
    void stepsAreWholeBlocks() {
        BlockSpec spec = new BlockSpec(List.of(new Step(0.1, 7, 30)), null, 5);
        assertThat(spec.plan().steps()).containsExactly(new RolloutStep(false, 0.1, 0, 2, 30));
    }

    @Test
    void anEarlierPeriodIsAsLongAsTheRolloutAnHourAtLeastAndADayAtMost() {
        assertThat(BlockSpec.parse("shadow 1m, 10% 1m").period()).isEqualTo(Duration.ofHours(1));
        assertThat(BlockSpec.parse("shadow 10m, 10% 30m, 50% 1h").period()).isEqualTo(Duration.ofMinutes(100));
        assertThat(BlockSpec.parse("10% 30d").period()).isEqualTo(Duration.ofDays(1));
        assertThat(new BlockSpec(List.of(new Step(0.1, 60, null)), null, 7).period())
                .as("whole blocks")
                .isEqualTo(Duration.ofMinutes(63));
    }

    @Test
    void guardsThatNobodyAsksForAreOff() {
        RolloutPlan every = BlockSpec.parse("10% 5m").plan();
        assertThat(List.of(Guard.SCORE, Guard.ERRORS)).allMatch(every::wants);
        assertThat(every.latencyRatio()).isEqualTo(1.2);
        RolloutPlan none = new BlockSpec(List.of(new Step(0.1, 5, null)), Guards.NONE, null).plan();
        assertThat(none.wants(Guard.SCORE)).isFalse();
        assertThat(none.wants(Guard.ERRORS)).isFalse();
        assertThat(none.latencyRatio()).isNull();
        assertThat(none.labels()).isFalse();
    }

    @Test
    void whatAGuardToleratesIsChecked() {
        for (Guards wrong : List.of(
                new Guards(0.0, null, null),
                new Guards(Double.POSITIVE_INFINITY, null, null),
                new Guards(null, 1.0, null),
                new Guards(null, -0.1, null),
                new Guards(null, null, 0.9))) {
            assertThatThrownBy(() -> new BlockSpec(List.of(new Step(0.1, 5, null)), wrong, null))
                    .hasMessageStartingWith("what a guard tolerates is a number above 0");
        }
    }

    private static BlockSpec of(String json) {
        return BlockSpec.of(Json.parse(json));
    }

    @Test
    void aBodyNamesStepsOrTellsThemInWords() {
        assertThat(of("{\"plan\":\"10% 30m 500 rows\"}").steps()).containsExactly(new Step(0.1, 30, 500));
        assertThat(of("{\"steps\":[{\"share\":0.1,\"minutes\":30,\"rows\":500}]}")
                        .steps())
                .containsExactly(new Step(0.1, 30, 500));
        assertThat(of("{\"steps\":[{\"share\":0,\"minutes\":5}],\"block\":5}").block())
                .isEqualTo(5);
        for (String wrong : List.of("{}", "{\"plan\":\"10% 5m\",\"steps\":[]}", "{\"plan\":null}")) {
            assertThatThrownBy(() -> of(wrong)).hasMessageStartingWith("a rollout needs either 'steps'");
        }
    }

    @Test
    void aGuardThatIsNotNamedKeepsItsDefaultAndNullSwitchesItOff() {
        assertThat(of("{\"plan\":\"10% 5m\"}").guards()).isNull();
        assertThat(of("{\"plan\":\"10% 5m\",\"guards\":{\"latency\":2,\"score\":null}}")
                        .guards())
                .isEqualTo(new Guards(null, 0.01, 2.0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"plan\":7}",
                "{\"steps\":{}}",
                "{\"steps\":[7]}",
                "{\"steps\":[{\"share\":\"10%\",\"minutes\":5}]}",
                "{\"steps\":[{\"share\":0.1,\"minutes\":5.5}]}",
                "{\"steps\":[{\"share\":0.1,\"minutes\":5,\"rows\":\"many\"}]}",
                "{\"steps\":[{\"share\":0.1,\"minutes\":5,\"days\":1}]}",
                "{\"steps\":[]}",
                "{\"plan\":\"10% 5m\",\"guards\":7}",
                "{\"plan\":\"10% 5m\",\"guards\":{\"harm\":1}}",
                "{\"plan\":\"10% 5m\",\"guards\":{\"latency\":\"1.2\"}}",
                "{\"plan\":\"10% 5m\",\"block\":1.5}",
                "{\"plan\":\"10% 5m\",\"days\":2}"
            })
    void whatIsNoPlanIsRefused(String body) {
        assertThatThrownBy(() -> of(body)).isInstanceOf(PerennialException.class);
    }

    @Test
    void aPlanIsReadBackAsItWasStored() {
        RolloutPlan plan = BlockSpec.parse("shadow 10m, 10% 30m 500 rows").plan();
        assertThat(Json.read(Json.canonical(plan), RolloutPlan.class)).isEqualTo(plan);
    }

    @Test
    void aPlanOfAnOlderReleaseNamesNoGuardThatIsOff() {
        RolloutPlan plan = Json.read("""
                {"steps":[{"shadow":true,"share":0,"days":2,"blocks":0}],"stopOn":{"scoreShiftPsi":0.2,"harmMetric":"none",
                 "harmMargin":0,"errorShare":0.01},"pace":{"calendar":null,"blockMillis":60000},"latencyRatio":null,
                 "replayed":false}""", RolloutPlan.class);
        assertThat(plan.wants(Guard.SCORE)).isTrue();
        assertThat(plan.steps().getFirst().rows()).isZero();
    }
}
