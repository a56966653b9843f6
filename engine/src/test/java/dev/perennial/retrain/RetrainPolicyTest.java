package dev.perennial.retrain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.file.Retrain;
import dev.perennial.retrain.RetrainDecision.Verdict;
import dev.perennial.retrain.RetrainState.Pause;
import dev.perennial.retrain.RetrainState.RunningRollout;
import java.time.DayOfWeek;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class RetrainPolicyTest {
    private static final long NOW = Instant.parse("2013-06-17T10:00:00Z").toEpochMilli();
    private static final long DAY = 86_400_000L;
    private static final Retrain RULES = new Retrain(DayOfWeek.MONDAY, "06:00", List.of("performance"), 5 * DAY, 3);
    private static final Trigger SCHEDULE = new Trigger.Schedule(NOW);
    private static final Trigger ALERT = new Trigger.Alert("performance", "alert-7");
    private static final RetrainState IDLE = new RetrainState(NOW - 7 * DAY, null, null, 0, null, 1_600);

    @Test
    void firesOnScheduleAndOnAlertsWithNewLabels() {
        assertThat(RetrainPolicy.decide(RULES, IDLE, SCHEDULE, NOW).text())
                .isEqualTo(
                        "A candidate is trained: the schedule asks for one, and 1,600 labels became known since the last training.");
        RetrainDecision alert = RetrainPolicy.decide(RULES, IDLE, ALERT, NOW);
        assertThat(alert.fired()).isTrue();
        assertThat(alert.text()).contains("the performance alert asks");
        RetrainState first = new RetrainState(null, null, null, 0, null, 0);
        assertThat(RetrainPolicy.decide(RULES, first, SCHEDULE, NOW).text()).contains("the first of this model");
    }

    @Test
    void oneCandidateAtATimeWhoeverAsks() {
        RetrainState state = new RetrainState(
                NOW - 3 * DAY, null, new RunningRollout("flight-delay/3", "canary 10 %", NOW - 3 * DAY), 0, null, 500);
        for (Trigger trigger : List.of(SCHEDULE, ALERT, new Trigger.Person("Ada", "now"))) {
            RetrainDecision decision = RetrainPolicy.decide(RULES, state, trigger, NOW);
            assertThat(decision.verdict()).isEqualTo(Verdict.SKIPPED_ROLLOUT_RUNNING);
            assertThat(decision.text())
                    .isEqualTo(
                            "No candidate is trained: flight-delay/3 is in canary 10 % since 2013-06-14T10:00:00Z, and one candidate is"
                                    + " tried at a time.");
        }
        RetrainState training = new RetrainState(NOW - 7 * DAY, NOW - 1, null, 0, null, 500);
        assertThat(RetrainPolicy.decide(RULES, training, SCHEDULE, NOW).verdict())
                .isEqualTo(Verdict.SKIPPED_TRAINING_RUNNING);
    }

    @Test
    void alertsWaitForTheCoolDownAndScheduledAttemptsDoNot() {
        RetrainState state = new RetrainState(NOW - 4 * DAY, null, null, 0, null, 500);
        RetrainDecision alert = RetrainPolicy.decide(RULES, state, ALERT, NOW);
        assertThat(alert.verdict()).isEqualTo(Verdict.COOLDOWN);
        assertThat(alert.againAt()).isEqualTo(NOW + DAY);
        assertThat(alert.text()).contains("wait 5 days between candidates, until 2013-06-18T10:00:00Z");
        assertThat(RetrainPolicy.decide(RULES, state, ALERT, NOW + DAY).fired()).isTrue();
        assertThat(RetrainPolicy.decide(RULES, state, SCHEDULE, NOW).fired()).isTrue();
    }

    @Test
    void refusalsInARowOpenTheBreakerForAlertsOnly() {
        RetrainState state = new RetrainState(NOW - 9 * DAY, null, null, 3, null, 500);
        RetrainDecision alert = RetrainPolicy.decide(RULES, state, ALERT, NOW);
        assertThat(alert.verdict()).isEqualTo(Verdict.BREAKER_OPEN);
        assertThat(alert.text()).contains("the last 3 candidates", "a person must look");
        assertThat(RetrainPolicy.decide(RULES, state, SCHEDULE, NOW).fired()).isTrue();
        assertThat(RetrainPolicy.decide(RULES, state, new Trigger.Person("Ada", "new recipe"), NOW)
                        .fired())
                .isTrue();
    }

    @Test
    void aPauseStopsTheLoopAndNotThePerson() {
        RetrainState state = new RetrainState(NOW - 9 * DAY, null, null, 0, new Pause("Ada", "audit", NOW - DAY), 500);
        RetrainDecision decision = RetrainPolicy.decide(RULES, state, SCHEDULE, NOW);
        assertThat(decision.verdict()).isEqualTo(Verdict.PAUSED);
        assertThat(decision.text())
                .isEqualTo("No candidate is trained: Ada paused the loop at 2013-06-16T10:00:00Z (audit).");
        assertThat(RetrainPolicy.decide(RULES, state, new Trigger.Person("Ada", "try"), NOW)
                        .fired())
                .isTrue();
    }

    @Test
    void nothingNewIsNoReasonAndAMonitorThatIsNotListedMayNotAsk() {
        RetrainState stale = new RetrainState(NOW - 9 * DAY, null, null, 0, null, 0);
        assertThat(RetrainPolicy.decide(RULES, stale, SCHEDULE, NOW).verdict()).isEqualTo(Verdict.NO_NEW_DATA);
        assertThat(RetrainPolicy.decide(RULES, IDLE, new Trigger.Alert("drift", "alert-8"), NOW)
                        .verdict())
                .isEqualTo(Verdict.DISABLED);
    }

    @Test
    void stateAndDecisionSurviveJson() {
        assertThat(Json.read(Json.write(IDLE), RetrainState.class)).isEqualTo(IDLE);
        RetrainDecision decision = RetrainPolicy.decide(RULES, IDLE, ALERT, NOW);
        assertThat(Json.read(Json.write(decision), RetrainDecision.class)).isEqualTo(decision);
    }
}
