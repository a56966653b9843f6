package dev.perennial.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.lifecycle.file.Rollout;
import dev.perennial.rollout.GuardLook.Verdict;
import dev.perennial.rollout.RolloutDecision.Action;
import dev.perennial.rollout.RolloutDecision.Reason;
import dev.perennial.rollout.RolloutEvidence.Comparison;
import dev.perennial.rollout.RolloutEvidence.Day;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The fuse on scores is a part of the score guard: it stops what nobody can want, and nothing that somebody asked for. */
class ScoreFuseTest {
    private static final long MINUTE = 60_000;
    private static final int[] LOW = {100, 300};
    private static final int[] HIGH = {900, 300};

    private final RolloutJudge judge = new RolloutJudge(RolloutLimits.DEFAULT);

    private static RolloutPlan plan(@Nullable Double score) {
        return new BlockSpec(BlockSpec.parse("shadow 1m, 50% 1m").steps(), new BlockSpec.Guards(score, 0.01, null), 1)
                .plan();
    }

    /** 300 rows of a candidate on another scale: PSI beyond 9. */
    private static RolloutEvidence apart(@Nullable String fuse) {
        Comparison rows = new Comparison(300, 0, Comparison.empty().paired(), HIGH, LOW);
        Day block = new Day(Instant.EPOCH.toString(), 300, 0, rows, 300, 0, 0);
        return new RolloutEvidence(List.of(block), new Learnt(0, 0, 0.5, 8, new Spread(0, 0.1, 8), null), 0, fuse);
    }

    private RolloutDecision decided(RolloutPlan plan, @Nullable String fuse) {
        return judge.judge(plan, start(plan), apart(fuse), MINUTE);
    }

    private static RolloutState start(RolloutPlan plan) {
        return RolloutState.start(plan, "m/2", "m/1", 0);
    }

    private static GuardLook score(RolloutDecision decision) {
        return decision.look().guards().stream()
                .filter(look -> look.guard().equals(Guard.SCORE.title()))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void scoresOnAnotherScaleBlowIt() {
        RolloutDecision decision = decided(plan(0.25), null);
        assertThat(decision.reason()).isEqualTo(Reason.GROSS_SCORE_SHIFT);
        assertThat(decision.text()).endsWith("the fuse blows above 2.0).");
    }

    @Test
    void whoSwitchesTheScoreGuardOffSaysThatScoresMayDiffer() {
        RolloutDecision decision = decided(plan(null), null);
        assertThat(decision.action()).as(decision.text()).isEqualTo(Action.ADVANCE);
        assertThat(score(decision).verdict()).isEqualTo(Verdict.OFF);
        assertThat(score(decision).why()).isEqualTo("nobody asked for it; scores may differ, grossly too");
    }

    @Test
    void itNeverBlowsOnWhatTheGuardTolerates() {
        assertThat(decided(plan(20.0), null).action()).isEqualTo(Action.ADVANCE);
        assertThat(RolloutLimits.DEFAULT.grossShift(plan(0.25))).isEqualTo(2);
        assertThat(RolloutLimits.DEFAULT.grossShift(plan(1.0))).isEqualTo(2);
        assertThat(RolloutLimits.DEFAULT.grossShift(plan(3.0))).isEqualTo(6);
    }

    @Test
    void aLifecycleFileThatToleratesAnotherScaleHasItsWay() {
        Rollout declared = new Rollout(1, List.of(), new Rollout.StopOn(100, "log_loss", 0, 0.01), 0);
        RolloutPlan plan = RolloutRun.plan(declared);
        RolloutState start = RolloutState.start(plan, RolloutRun.CANDIDATE, RolloutRun.CHAMPION, RolloutRun.MONDAY);
        LocalDate day = RolloutRun.CALENDAR.day(RolloutRun.MONDAY);
        RolloutWorld world = new RolloutWorld(230, 0.5, 0.1, 0.3, _ -> -2.5);
        RolloutEvidence evidence = RolloutRun.evidence(
                List.of(world.day(day, 1, new SplittableRandom(1))), new Learnt(0.035, 5, 0.035, 14));
        assertThat(judge.judge(plan, start, evidence, RolloutRun.CALENDAR.published(day))
                        .reason())
                .isEqualTo(Reason.STEP_PASSED);
    }

    @Test
    void theScorersFuseStopsWhateverGuardsAreOff() {
        RolloutPlan nothing = new BlockSpec(BlockSpec.parse("50% 1m").steps(), BlockSpec.Guards.NONE, 1).plan();
        RolloutDecision decision = judge.judge(nothing, start(nothing), apart("5 errors in a row"), MINUTE);
        assertThat(decision.reason()).isEqualTo(Reason.BLOWN_FUSE);
        GuardLook errors = decision.look().guards().get(2);
        assertThat(errors.verdict()).isEqualTo(Verdict.OFF);
        assertThat(errors.why()).isEqualTo("nobody asked for it; the scorers' fuses stay");
    }

    @Test
    void theScorersFuseFollowsWhatIsToleratedAndStaysWhereNobodyAskedForTheGuard() {
        assertThat(BlockSpec.parse("50% 1m").grosslyOver()).isEqualTo(0.01);
        assertThat(new BlockSpec(BlockSpec.parse("50% 1m").steps(), BlockSpec.Guards.NONE, 1).grosslyOver())
                .isEqualTo(0.01);
        assertThat(new BlockSpec(BlockSpec.parse("50% 1m").steps(), new BlockSpec.Guards(null, 0.04, null), 1)
                        .grosslyOver())
                .isEqualTo(0.04);
    }

    @Test
    void aDecisionOfAReleaseWhoseFuseKnewNoGuardIsJudgedAsItWas() {
        RolloutPlan plan = plan(null);
        RolloutLimits before = new RolloutLimits(20, 200, 7, AlphaPlan.DEFAULT, 0.05, 2.0, 200, 5_000, null, null);
        ObjectNode body = RolloutReplay.judge(plan, before, start(plan), apart(null), MINUTE)
                .body();
        assertThat(body.at("/decision/reason").asText()).isEqualTo("GROSS_SCORE_SHIFT");
        ((ObjectNode) body.get("limits")).remove(List.of("fuseTimes", "errorLevel"));
        assertThat(RolloutReplay.of(body).orElseThrow().again().same()).isTrue();
    }
}
