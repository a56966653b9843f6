package dev.perennial.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.perennial.lifecycle.file.Rollout;
import dev.perennial.rollout.GuardLook.Verdict;
import dev.perennial.rollout.RolloutDecision.Action;
import dev.perennial.rollout.RolloutDecision.Reason;
import dev.perennial.rollout.RolloutEvidence.Comparison;
import dev.perennial.rollout.RolloutEvidence.Control;
import dev.perennial.rollout.RolloutEvidence.Day;
import dev.perennial.rollout.Spread.Sums;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Each guard of an endpoint without labels, block by block; blocks of a minute. */
class GuardBookTest {
    private static final long MINUTE = 60_000;
    private static final Rollout.StopOn STOP_ON = new Rollout.StopOn(0.25, RolloutPlan.NO_LABELS, 0, 0.01);
    private static final RolloutPlan PLAN = plan(1.1, false);
    private static final Spread CALM = new Spread(0, 0.5, 8);
    private static final Learnt LEARNT = new Learnt(0, 0, 0, 8, new Spread(0, 0.1, 8), CALM);

    private final RolloutJudge judge = new RolloutJudge(RolloutLimits.DEFAULT);

    @Test
    void aStepPassesWhenItsBlocksAreClosedAndItsRowsAreThere() {
        assertThat(at(blocks(2), 2).reason()).isEqualTo(Reason.STEP_RUNNING);
        RolloutDecision passed = at(blocks(3), 3);
        assertThat(passed.action()).as(passed.text()).isEqualTo(Action.ADVANCE);
        assertThat(passed.text()).endsWith("it goes on to canary 50 % for 4 blocks.");
        assertThat(passed.next().stepEndsAt()).isEqualTo(7 * MINUTE);
        assertThat(passed.look().minima()).isEqualTo(new Look.Minima(3, 3, 300, 200));
    }

    @Test
    void missingBlocksAndMissingRowsExtendAStepByItsOwnLength() {
        RolloutDecision closed = at(blocks(2), 3);
        assertThat(closed.action()).isEqualTo(Action.EXTEND);
        assertThat(closed.text())
                .isEqualTo(
                        "flight-delay/2 stays in shadow 3 blocks longer (1 of at most 7), because 2 of the 3 blocks it needs are closed.");
        assertThat(closed.next().stepEndsAt()).isEqualTo(6 * MINUTE);
        List<Day> few = blocks(3).stream().map(day -> scored(day, 10)).toList();
        assertThat(at(few, 3).text()).endsWith("because only 30 rows were scored by both versions, 200 are needed.");
    }

    @Test
    void zeroTrafficIsInconclusiveAndNeverPromotes() {
        RolloutState state = start();
        RolloutDecision decision = at(List.of(), 3);
        while (decision.action() == Action.EXTEND) {
            state = decision.next();
            decision = judge.judge(PLAN, state, evidence(List.of(), LEARNT), state.stepEndsAt());
        }
        assertThat(decision.reason()).isEqualTo(Reason.STARVED);
        assertThat(decision.text()).contains("after 21 blocks of waiting", "a person must decide");
    }

    @Test
    void aGuardThatSevenDaysTaughtIsNotComputableAndTheStepInconclusive() {
        Learnt seven = new Learnt(0, 0, 0, 7, new Spread(0, 0.1, 7), new Spread(0, 0.5, 7));
        RolloutDecision decision = judge.judge(PLAN, start(), evidence(blocks(3), seven), 3 * MINUTE);
        assertThat(decision.action()).isEqualTo(Action.EXTEND);
        assertThat(decision.reason()).isEqualTo(Reason.NOT_COMPUTABLE);
        assertThat(decision.text())
                .endsWith(
                        "because the guard on score cannot be computed: how much the champion's callers swing is known from 7"
                                + " earlier periods, 8 are needed. When a person signs ('perennial rollouts sign'), the step"
                                + " passes without it.");
        assertThat(guard(decision, Guard.SCORE).estimate())
                .as("told, though not relied on")
                .isNotNull();
    }

    @Test
    void withoutLabelsHarmIsOff() {
        GuardLook harm = guard(at(blocks(3), 3), Guard.HARM);
        assertThat(harm.verdict()).isEqualTo(Verdict.OFF);
        assertThat(harm.why()).isEqualTo("no outcomes are expected");
    }

    @Test
    void theLatencyGuardIsOffWhereNobodyAskedWhereNobodyWaitsAndInAReplay() {
        assertThat(latency(plan(null, false), start(), blocks(3)).why()).isEqualTo("no tolerance is declared");
        assertThat(latency(plan(1.1, true), start(), blocks(3)).why()).isEqualTo("a replay does not measure time");
        assertThat(latency(PLAN, start(), blocks(3)).why()).isEqualTo("in the shadow nobody waits for the candidate");
    }

    @Test
    void inACanaryTheLatencyGuardNeedsTimes() {
        RolloutState canary = at(blocks(3), 3).next();
        GuardLook look = latency(PLAN, canary, blocks(4));
        assertThat(look.verdict()).isEqualTo(Verdict.NOT_COMPUTABLE);
        assertThat(look.why()).isEqualTo("no calls of candidate and control were timed yet");
    }

    @Test
    void slownessIsShownByItsRatioAndItsSize() {
        RolloutState canary = at(blocks(3), 3).next();
        GuardLook slow = latency(PLAN, canary, timed(50_000, 1.3));
        assertThat(slow.verdict()).isEqualTo(Verdict.SHOWN);
        assertThat(slow.estimate()).isCloseTo(1.3, within(1e-9));
        assertThat(slow.low()).isBetween(1.1, 1.3);
        assertThat(latency(PLAN, canary, timed(50_000, 1.05)).verdict()).isEqualTo(Verdict.CLEAR);
        assertThat(latency(PLAN, canary, timed(2, 3.0)).verdict())
                .as("six microseconds for two harm nobody")
                .isEqualTo(Verdict.CLEAR);
        RolloutDecision stopped = judge.judge(PLAN, canary, evidence(timed(50_000, 1.3), LEARNT), 5 * MINUTE);
        assertThat(stopped.reason()).isEqualTo(Reason.LATENCY);
        assertThat(stopped.text())
                .contains("a row takes it 1.30 times as long as the champion", "1.10 times are tolerated");
    }

    @Test
    void theSameRowsAreWorthLessWhereDaysSwing() {
        RolloutState canary = at(blocks(3), 3).next();
        Learnt wild = new Learnt(0, 0, 0, 8, LEARNT.errors(), new Spread(0.05, 0.5, 8));
        GuardLook calm = latency(PLAN, canary, timed(50_000, 1.3));
        RolloutDecision decision = judge.judge(PLAN, canary, evidence(timed(50_000, 1.3), wild), 5 * MINUTE);
        assertThat(guard(decision, Guard.LATENCY).deff()).isCloseTo(1 + 999 * 0.05, within(1e-9));
        assertThat(guard(decision, Guard.LATENCY).low()).isLessThan(calm.low());
        assertThat(guard(decision, Guard.LATENCY).verdict()).isEqualTo(Verdict.CLEAR);
    }

    @Test
    void failedCallsAreHeldAgainstTheControls() {
        List<Day> both = failing(300, 300);
        GuardLook shared = guard(at(both, 3), Guard.ERRORS);
        assertThat(shared.estimate()).as("an outage of both is nobody's fault").isZero();
        assertThat(shared.verdict()).isEqualTo(Verdict.CLEAR);
        RolloutDecision own = at(failing(300, 0), 3);
        assertThat(own.reason()).isEqualTo(Reason.ERRORS);
        assertThat(guard(own, Guard.ERRORS).low()).isGreaterThan(0.01);
    }

    @Test
    void harmThatIsShownStopsAPausedRolloutToo() {
        RolloutState paused = start().pause("ann", "lunch", 1);
        assertThat(judge.judge(PLAN, paused, evidence(failing(300, 0), LEARNT), 3 * MINUTE)
                        .reason())
                .isEqualTo(Reason.ERRORS);
    }

    @Test
    void anOpenBlockIsNotJudged() {
        assertThat(judge.judge(PLAN, start(), evidence(failing(300, 0), LEARNT), MINUTE - 1)
                        .action())
                .isEqualTo(Action.HOLD);
    }

    @Test
    void manyBlocksAreLookedAtWhenTheirNumberHasDoubled() {
        Pace pace = PLAN.pace();
        assertThat(ScoreShift.looked(blocks(7), pace)).hasSize(4);
        assertThat(ScoreShift.looked(blocks(8), pace)).hasSize(8);
        assertThat(ScoreShift.looked(List.of(), pace)).isEmpty();
        assertThat(IntStream.of(1, 2, 4, 8).map(blocks -> ScoreShift.number(blocks, pace)))
                .containsExactly(1, 2, 3, 4);
    }

    @Test
    void whereTensorsAreAnsweredNoScoreIsComparedAndTheLookSaysSo() {
        RolloutDecision decision = at(tensors(5, 1_000), 5);
        GuardLook score = guard(decision, Guard.SCORE);
        assertThat(score.verdict()).isEqualTo(GuardLook.Verdict.OFF);
        assertThat(score.why()).isEqualTo("this endpoint gives tensors");
        assertThat(guard(decision, Guard.ERRORS).verdict()).isEqualTo(GuardLook.Verdict.CLEAR);
        assertThat(decision.action()).isEqualTo(RolloutDecision.Action.ADVANCE);
        assertThat(decision.look().minima().rows()).as("rows, not calls").isEqualTo(5_000);
    }

    @Test
    void aStepOfTensorsWithTooFewRowsIsExtended() {
        RolloutDecision decision = at(tensors(5, 10), 5);
        assertThat(decision.reason()).isEqualTo(RolloutDecision.Reason.TOO_FEW_ROWS);
        assertThat(decision.text()).contains("only 50 rows of tensors reached it, 200 are needed");
    }

    @Test
    void beforeAnyTensorCameTheScoreGuardCannotBeComputed() {
        assertThat(guard(at(List.of(), 1), Guard.SCORE).verdict()).isEqualTo(GuardLook.Verdict.NOT_COMPUTABLE);
    }

    private static List<Day> tensors(int blocks, long rows) {
        return blocks(blocks).stream()
                .map(day -> new Day(
                        day.day(), 1_000, 0, Comparison.empty(), 100, 0, 0, null, new Control(100, 0, null), rows))
                .toList();
    }

    @Test
    void theLevelsOfAllGuardsAndOfAllLooksAddUp() {
        assertThat(AlphaPlan.DEFAULT.whole()).isCloseTo(0.05, within(1e-12));
        double spent = IntStream.rangeClosed(1, 100_000)
                .mapToDouble(look -> AlphaPlan.spent(0.01, look))
                .sum();
        assertThat(spent).isBetween(0.0099, 0.01);
    }

    private static RolloutPlan plan(Double ratio, boolean replayed) {
        return new RolloutPlan(
                List.of(RolloutStep.ofBlocks(0, 3), RolloutStep.ofBlocks(0.5, 4)),
                STOP_ON,
                Pace.blocks(Duration.ofMinutes(1)),
                ratio,
                replayed);
    }

    private static RolloutState start() {
        return RolloutState.start(PLAN, RolloutRun.CANDIDATE, RolloutRun.CHAMPION, 0);
    }

    private RolloutDecision at(List<Day> blocks, int minutes) {
        return judge.judge(PLAN, start(), evidence(blocks, LEARNT), minutes * MINUTE);
    }

    private GuardLook latency(RolloutPlan plan, RolloutState state, List<Day> blocks) {
        return guard(judge.judge(plan, state, evidence(blocks, LEARNT), 5 * MINUTE), Guard.LATENCY);
    }

    private static GuardLook guard(RolloutDecision decision, Guard guard) {
        return decision.look().guards().stream()
                .filter(look -> look.guard().equals(guard.title()))
                .findFirst()
                .orElseThrow();
    }

    private static RolloutEvidence evidence(List<Day> blocks, Learnt learnt) {
        return new RolloutEvidence(blocks, learnt, 0, null);
    }

    private static List<Day> blocks(int count) {
        SplittableRandom random = new SplittableRandom(5);
        List<Day> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ComparisonTally tally = new ComparisonTally();
            for (int row = 0; row < 100; row++) {
                double score = random.nextDouble();
                tally.add(score, Math.clamp(score + 0.01 * random.nextGaussian(), 0, 1), null);
            }
            blocks.add(new Day(Instant.ofEpochMilli(i * MINUTE).toString(), 1_000, 0, tally.comparison(), 1_000, 0, 0));
        }
        return blocks;
    }

    private static Day scored(Day day, int rows) {
        Comparison old = day.comparison();
        Comparison few = new Comparison(rows, 0, old.paired(), new int[] {500, rows}, new int[] {500, rows});
        return new Day(day.day(), 1_000, 0, few, day.calls(), 0, 0);
    }

    private static List<Day> failing(long own, long control) {
        return blocks(3).stream()
                .map(day -> new Day(
                        day.day(),
                        1_000,
                        0,
                        day.comparison(),
                        1_000,
                        own,
                        own,
                        null,
                        new Control(1_000, control, null),
                        null))
                .toList();
    }

    private static List<Day> timed(double micros, double times) {
        return blocks(5).stream()
                .map(day -> new Day(
                        day.day(),
                        1_000,
                        0,
                        day.comparison(),
                        1_000,
                        0,
                        0,
                        sums(Math.log(micros * times)),
                        new Control(1_000, 0, sums(Math.log(micros))),
                        null))
                .toList();
    }

    private static Sums sums(double mean) {
        return new Sums(1_000, 1_000 * mean, 1_000 * (mean * mean + 0.25));
    }
}
