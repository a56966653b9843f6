package dev.perennial.retrain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.file.ExampleFile;
import dev.perennial.retrain.RetrainDecision.Verdict;
import dev.perennial.retrain.RetrainState.Pause;
import dev.perennial.retrain.RetrainState.RunningRollout;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RetrainPolicyTest {
    private static final long NOW = Instant.parse("2013-06-17T10:00:00Z").toEpochMilli();
    private static final long DAY = 86_400_000L;
    private static final RetrainPolicy POLICY = new RetrainPolicy(ExampleFile.parsed());
    private static final Trigger FIRST = new Trigger.First();
    private static final Trigger SCHEDULE = new Trigger.Schedule(NOW);
    private static final Trigger ALERT = new Trigger.Alert(List.of("performance"));
    private static final Trigger PERSON = new Trigger.Person("ann", "a new recipe");
    private static final List<Trigger> ALL = List.of(FIRST, SCHEDULE, ALERT, PERSON);
    private static final RetrainState IDLE =
            new RetrainState(NOW - 77 * DAY, NOW - 7 * DAY, null, null, 0, null, 1_600);

    @Test
    void eachTriggerIsToldInItsOwnWords() {
        assertThat(ALL.stream().map(trigger -> decide(IDLE, trigger).text()))
                .containsExactly(
                        "There is no champion yet: a first version is made from what was known on 2013-06-17.",
                        "The schedule asks for a candidate on 2013-06-17.",
                        "The alert on performance asks for a candidate on 2013-06-17.",
                        "ann proposed a candidate: a new recipe");
        assertThat(ALL).allMatch(trigger -> decide(IDLE, trigger).fired());
    }

    @Test
    void daysAreThoseOfTheModel() {
        long lateEvening = Instant.parse("2013-06-18T02:00:00Z").toEpochMilli();
        assertThat(POLICY.decide(IDLE, SCHEDULE, lateEvening).text()).endsWith("on 2013-06-17.");
    }

    @Test
    void oneCandidateAtATimeWhoeverAsks() {
        RetrainState state = new RetrainState(
                NOW - 77 * DAY, NOW - 3 * DAY, null, new RunningRollout(3, "canary 10 %", NOW - 3 * DAY), 0, null, 500);
        assertThat(ALL).allMatch(trigger -> decide(state, trigger).verdict() == Verdict.SKIPPED_ROLLOUT_RUNNING);
        assertThat(decide(state, SCHEDULE).text())
                .isEqualTo(
                        "No candidate is tried on 2013-06-17: version 3 is in canary 10 % since 2013-06-14, and one candidate at a"
                                + " time is tried.");
        assertThat(decide(state, PERSON).text())
                .startsWith("The candidate proposed by ann is not tried: version 3 is in");
    }

    @Test
    void aCandidateThatIsStillBeingMadeIsWaitedFor() {
        RetrainState state = new RetrainState(NOW - 77 * DAY, NOW - DAY, NOW - DAY, null, 0, null, 500);
        assertThat(ALL).allMatch(trigger -> decide(state, trigger).verdict() == Verdict.SKIPPED_TRAINING_RUNNING);
        assertThat(decide(state, SCHEDULE).text()).endsWith("the candidate of 2013-06-16 is still being made.");
    }

    @Test
    void aPauseBindsEverybodyAndIsToldFirst() {
        RetrainState state = new RetrainState(
                NOW - 77 * DAY,
                NOW - DAY,
                NOW - DAY,
                new RunningRollout(3, "shadow", NOW - DAY),
                0,
                new Pause("ann", "audit", NOW - DAY),
                500);
        assertThat(ALL).allMatch(trigger -> decide(state, trigger).verdict() == Verdict.PAUSED);
        assertThat(decide(state, SCHEDULE).text())
                .isEqualTo("No candidate is tried on 2013-06-17: ann paused the loop on 2013-06-16 (audit).");
    }

    @Test
    void aModelServesForAsLongAsAGateLooksBackBeforeTheLoopAsks() {
        RetrainState young = new RetrainState(NOW - 14 * DAY + 1, NOW - 7 * DAY, null, null, 0, null, 500);
        RetrainDecision decision = decide(young, SCHEDULE);
        assertThat(decision.verdict()).isEqualTo(Verdict.TOO_YOUNG);
        assertThat(decision.text()).endsWith("the model has served for 13 days, and a gate looks at 14.");
        assertThat(decision.againAt()).isEqualTo(NOW + 1);
        assertThat(POLICY.decide(young, SCHEDULE, NOW + 1).fired()).isTrue();
        assertThat(decide(young, ALERT).verdict()).isEqualTo(Verdict.TOO_YOUNG);
        assertThat(decide(young, PERSON).fired()).isTrue();
        assertThat(decide(young, FIRST).fired()).isTrue();
    }

    @Test
    void alertsWaitForTheCoolDownAndScheduledAttemptsDoNot() {
        RetrainState state = new RetrainState(NOW - 77 * DAY, NOW - 4 * DAY, null, null, 0, null, 500);
        RetrainDecision alert = decide(state, ALERT);
        assertThat(alert.verdict()).isEqualTo(Verdict.COOLDOWN);
        assertThat(alert.againAt()).isEqualTo(NOW + DAY);
        assertThat(alert.text())
                .endsWith(
                        "the last candidate is of 2013-06-13, and alerts wait for the cool-down of 5 days, until 2013-06-18.");
        assertThat(POLICY.decide(state, ALERT, NOW + DAY).fired()).isTrue();
        assertThat(decide(state, SCHEDULE).fired()).isTrue();
        assertThat(decide(state, PERSON).fired()).isTrue();
    }

    @Test
    void refusalsInARowOpenTheBreakerForAlertsOnly() {
        RetrainState state = new RetrainState(NOW - 77 * DAY, NOW - 9 * DAY, null, null, 3, null, 500);
        RetrainDecision alert = decide(state, ALERT);
        assertThat(alert.verdict()).isEqualTo(Verdict.BREAKER_OPEN);
        assertThat(alert.againAt()).isNull();
        assertThat(alert.text())
                .endsWith(
                        "3 candidates that alerts asked for were refused in a row; look at the cause, then resume the loop.");
        assertThat(decide(state, SCHEDULE).fired()).isTrue();
        assertThat(decide(state, PERSON).fired()).isTrue();
        RetrainState two = new RetrainState(NOW - 77 * DAY, NOW - 9 * DAY, null, null, 2, null, 500);
        assertThat(decide(two, ALERT).fired()).isTrue();
    }

    @Test
    void withoutNewOutcomesAlertsAskForNothingAndTheGateAnswersTheSchedule() {
        RetrainState stale = new RetrainState(NOW - 77 * DAY, NOW - 7 * DAY, null, null, 0, null, 0);
        assertThat(decide(stale, ALERT).verdict()).isEqualTo(Verdict.NO_NEW_DATA);
        assertThat(decide(stale, ALERT).text()).endsWith("no outcome became known since the candidate of 2013-06-10.");
        assertThat(decide(stale, SCHEDULE).fired()).isTrue();
        assertThat(decide(stale, PERSON).fired()).isTrue();
        assertThat(decide(stale, FIRST).fired()).isTrue();
        RetrainState never = new RetrainState(NOW - 77 * DAY, null, null, null, 0, null, 0);
        assertThat(decide(never, ALERT).fired()).isTrue();
    }

    @Test
    void aMonitorThatIsNotListedMayNotAsk() {
        RetrainDecision drift = decide(IDLE, new Trigger.Alert(List.of("drift")));
        assertThat(drift.verdict()).isEqualTo(Verdict.DISABLED);
        assertThat(drift.text())
                .isEqualTo(
                        "No candidate is tried on 2013-06-17: the alert on drift asks people only, because retrain.also-on does"
                                + " not list it.");
        RetrainDecision both = decide(IDLE, new Trigger.Alert(List.of("drift", "performance")));
        assertThat(both.text()).isEqualTo("The alert on performance asks for a candidate on 2013-06-17.");
    }

    @Test
    void theScheduleAsksOnMondaysAndAlertsOnOtherDays() {
        List<String> asked = new ArrayList<>();
        for (int day = 0; day < 8; day++) {
            long at = NOW + day * DAY;
            trigger(true, at, List.of()).ifPresent(trigger -> asked.add(trigger.toString()));
        }
        assertThat(asked).containsExactly("Schedule[at=" + NOW + "]", "Schedule[at=" + (NOW + 7 * DAY) + "]");
        assertThat(trigger(true, NOW, List.of("performance"))).contains(SCHEDULE);
        assertThat(trigger(true, NOW + DAY, List.of("performance", "drift")))
                .contains(new Trigger.Alert(List.of("drift", "performance")));
    }

    @Test
    void aModelWithoutAChampionAsksForItsFirstVersionUntilOneIsBeingMade() {
        assertThat(trigger(false, NOW + DAY, List.of("drift"))).contains(FIRST);
        assertThat(POLICY.trigger(false, true, NOW, NOW + DAY, List.of())).isEmpty();
    }

    @Test
    void aScheduleThatFiredBetweenTwoTicksIsNotLost() {
        assertThat(POLICY.trigger(true, false, NOW - 3 * DAY, NOW + DAY, List.of()))
                .contains(SCHEDULE);
    }

    @Test
    void theExampleIsAskedOnThirtyEightMondays() {
        long asked = 0;
        long first = Instant.parse("2013-04-14T10:00:00Z").toEpochMilli();
        for (int day = 1; day < 262; day++) {
            asked += POLICY.trigger(true, false, first + (day - 1) * DAY, first + day * DAY, List.of()).stream()
                    .filter(Trigger.Schedule.class::isInstance)
                    .count();
        }
        assertThat(asked).isEqualTo(38);
    }

    @Test
    void stateAndDecisionSurviveJson() {
        assertThat(Json.read(Json.write(IDLE), RetrainState.class)).isEqualTo(IDLE);
        RetrainDecision decision = decide(IDLE, ALERT);
        assertThat(Json.read(Json.write(decision), RetrainDecision.class)).isEqualTo(decision);
    }

    private static Optional<Trigger> trigger(boolean serves, long at, List<String> raised) {
        return POLICY.trigger(serves, false, at - DAY, at, raised);
    }

    private static RetrainDecision decide(RetrainState state, Trigger trigger) {
        return POLICY.decide(state, trigger, NOW);
    }
}
