package dev.perennial.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.file.Rollout;
import dev.perennial.rollout.RolloutDecision.Action;
import dev.perennial.rollout.RolloutEvidence.Day;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Stored evidence leads to the stored decision, and to another one when somebody changes it. */
class RolloutReplayTest {
    private static final Rollout DECLARED = new Rollout(
            2, List.of(new Rollout.Canary(0.5, 1)), new Rollout.StopOn(0.25, "log_loss", 0, 0.01), 604_800_000);

    @Test
    void everyDecisionOfAWholeRolloutIsJudgedTheSameFromWhatWasStored() {
        List<Action> actions = new ArrayList<>();
        for (RolloutReplay stored : rollout()) {
            RolloutReplay read =
                    RolloutReplay.of(Json.parse(Json.canonical(stored.body()))).orElseThrow();
            RolloutReplay.Verdict verdict = read.again();
            assertThat(verdict.same()).as(stored.decision().text()).isTrue();
            assertThat(Json.canonical(verdict.again())).isEqualTo(Json.canonical(stored.decision()));
            actions.add(verdict.again().action());
        }
        assertThat(actions).contains(Action.HOLD, Action.ADVANCE).endsWith(Action.PROMOTE);
    }

    @Test
    void evidenceThatWasChangedIsFoundOut() {
        ObjectNode body = rollout().getLast().body();
        ((ObjectNode) body.at("/evidence")).put("blownFuse", "5 errors in a row");
        RolloutReplay.Verdict verdict = RolloutReplay.of(body).orElseThrow().again();
        assertThat(verdict.same()).isFalse();
        assertThat(verdict.stored().action()).isEqualTo(Action.PROMOTE);
        assertThat(verdict.again().action()).isEqualTo(Action.STOP);
    }

    @Test
    void aDecisionThatWasChangedIsFoundOut() {
        ObjectNode body = rollout().getFirst().body();
        ((ObjectNode) body.at("/decision/next")).put("step", 1);
        assertThat(RolloutReplay.of(body).orElseThrow().again().same()).isFalse();
    }

    @Test
    void aDecisionOfAReleaseThatKeptNoPlanCannotBeJudgedAgain() {
        ObjectNode body = rollout().getFirst().body();
        body.remove("plan");
        assertThat(RolloutReplay.of(body)).isEmpty();
        assertThat(RolloutReplay.of(Json.object().put("by", "ann"))).isEmpty();
    }

    private static List<RolloutReplay> rollout() {
        RolloutPlan plan = RolloutRun.plan(DECLARED);
        RolloutWorld world = new RolloutWorld(230, 0.3, 0.05, 0.3, logit -> logit);
        SplittableRandom random = new SplittableRandom(3);
        Learnt learnt = Learnt.from(world.gate(random, 8), 0.8, "log_loss");
        RolloutState state = RolloutState.start(plan, RolloutRun.CANDIDATE, RolloutRun.CHAMPION, RolloutRun.MONDAY);
        LocalDate date = RolloutRun.CALENDAR.day(RolloutRun.MONDAY);
        List<Day> days = new ArrayList<>();
        List<RolloutReplay> all = new ArrayList<>();
        while (state.running()) {
            days.add(world.day(date, 1, random));
            all.add(RolloutReplay.judge(
                    plan,
                    RolloutLimits.DEFAULT,
                    state,
                    RolloutRun.evidence(days, learnt),
                    RolloutRun.CALENDAR.published(date)));
            state = all.getLast().decision().next();
            date = date.plusDays(1);
        }
        return all;
    }
}
