package dev.perennial.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.file.ExampleFile;
import dev.perennial.lifecycle.file.ModelCalendar;
import dev.perennial.lifecycle.file.Rollout;
import dev.perennial.monitoring.DayJoin;
import dev.perennial.monitoring.DayResult;
import dev.perennial.predictionlog.LoggedFeatures;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.Role;
import dev.perennial.rollout.GuardLook;
import dev.perennial.rollout.Learnt;
import dev.perennial.rollout.RolloutDecision;
import dev.perennial.rollout.RolloutEvidence;
import dev.perennial.rollout.RolloutJudge;
import dev.perennial.rollout.RolloutLimits;
import dev.perennial.rollout.RolloutPlan;
import dev.perennial.rollout.RolloutState;
import dev.perennial.serving.Label;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** From what scorers logged to what a rollout of a lifecycle file is judged by: times. */
class DayEvidenceTest {
    private static final LocalDate FIRST = LocalDate.of(2013, 4, 1);
    private static final Rollout ROLLOUT =
            new Rollout(0, List.of(new Rollout.Canary(0.5, 3)), new Rollout.StopOn(10, "log_loss", 10, 0.5, 1.2), 0);
    private static final ModelCalendar CALENDAR = ExampleFile.parsed().calendar();
    private static final int ROWS = 600;

    private final SplittableRandom random = new SplittableRandom(3);

    /** @param slower times as long as the champion; 0 for a day without a candidate */
    private DayResult day(LocalDate day, double slower, boolean timed) {
        Map<String, Label> labels = new HashMap<>();
        List<PredictionRecord> records = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            String id = day + "-" + i;
            labels.put(id, new Label(id, i % 2, 0, 0));
            boolean canary = slower > 0 && i % 2 == 0;
            double micros = 50_000 * Math.exp(0.2 * random.nextGaussian()) * (canary ? slower : 1);
            records.add(new PredictionRecord(
                    id,
                    new PredictionRecord.Answer(
                            canary ? "flight-delay/2" : "flight-delay/1",
                            canary ? Role.CANARY : Role.CHAMPION,
                            0.5,
                            !canary && (slower > 0 || i % 4 == 0),
                            Math.round(micros)),
                    0,
                    0,
                    new LoggedFeatures(List.of(), new double[0], new String[0]),
                    canary ? new PredictionRecord.Paired("flight-delay/1", 0.5) : null,
                    null));
        }
        DayJoin join = new DayJoin(labels, timed);
        records.forEach(join::add);
        String body = Json.canonical(join.result(day.toString(), 0, 1, 1));
        return Json.read(body, DayResult.class); // as it is stored
    }

    private List<DayResult> days(LocalDate from, int count, double slower) {
        return from.datesUntil(from.plusDays(count))
                .map(day -> day(day, slower, true))
                .toList();
    }

    private RolloutDecision judged(int earlier, double slower, boolean replayed) {
        Learnt learnt =
                new Learnt(0.02, 0.1, 0.035, 8).timed(DayEvidence.halves(days(FIRST.minusDays(earlier), earlier, 0)));
        List<RolloutEvidence.Day> shown = days(FIRST, 3, slower).stream()
                .map(day -> DayEvidence.day(day, 2))
                .toList();
        RolloutPlan plan = RolloutPlan.of(ROLLOUT, CALENDAR, replayed);
        RolloutState state =
                RolloutState.start(plan, "flight-delay/2", "flight-delay/1", CALENDAR.published(FIRST.minusDays(1)));
        long clock = CALENDAR.published(FIRST.plusDays(4));
        return new RolloutJudge(RolloutLimits.DEFAULT)
                .judge(plan, state, new RolloutEvidence(shown, learnt, 0.5, null), clock);
    }

    private static GuardLook latency(RolloutDecision decision) {
        return decision.look().guards().getLast();
    }

    @Test
    void aCandidateThatTakesTwiceAsLongIsStopped() {
        RolloutDecision decision = judged(10, 2, false);
        assertThat(decision.reason()).as(decision.text()).isEqualTo(RolloutDecision.Reason.LATENCY);
        assertThat(latency(decision).estimate()).isBetween(1.9, 2.1);
    }

    @Test
    void aCandidateThatTakesAsLongIsPromoted() {
        RolloutDecision decision = judged(10, 1, false);
        assertThat(latency(decision).verdict()).isEqualTo(GuardLook.Verdict.CLEAR);
        assertThat(decision.action()).as(decision.text()).isEqualTo(RolloutDecision.Action.PROMOTE);
    }

    @Test
    void withFewerThanEightEarlierDaysOfHalvesItCannotBeComputedAndNothingIsPromoted() {
        RolloutDecision decision = judged(7, 1, false);
        assertThat(latency(decision).verdict()).isEqualTo(GuardLook.Verdict.NOT_COMPUTABLE);
        assertThat(latency(decision).why()).isEqualTo("how much days swing is known from 7 days, 8 are needed");
        assertThat(decision.action()).isEqualTo(RolloutDecision.Action.EXTEND);
    }

    @Test
    void inAReplayItIsOffAndSaysSo() {
        RolloutDecision decision = judged(0, 2, true);
        assertThat(latency(decision).verdict()).isEqualTo(GuardLook.Verdict.OFF);
        assertThat(latency(decision).why()).isEqualTo("a replay does not measure time");
        assertThat(decision.action()).isEqualTo(RolloutDecision.Action.PROMOTE);
    }

    @Test
    void aDayThatMeasuredNoTimeIsStoredAsBefore() {
        DayResult day = day(FIRST, 2, false);
        assertThat(day.times()).isNull();
        assertThat(Json.canonical(day)).doesNotContain("\"times\"");
        assertThat(DayEvidence.day(day, 2).time()).isNull();
        assertThat(DayEvidence.day(day, 2).control()).isNull();
    }

    @Test
    void daysWithACanaryAreNoHalves() {
        List<DayResult> days = new ArrayList<>(days(FIRST, 2, 0));
        days.addAll(days(FIRST.plusDays(2), 3, 1));
        days.add(day(FIRST.plusDays(5), 0, false));
        assertThat(DayEvidence.halves(days)).hasSize(2);
    }

    @Test
    void aFailedCallTakesNoTimeOfAnybody() {
        DayJoin join = new DayJoin(Map.of(), true);
        join.add(new PredictionRecord(
                "a",
                new PredictionRecord.Answer("flight-delay/1", Role.FALLBACK, 0.5, false, 70),
                0,
                0,
                new LoggedFeatures(List.of(), new double[0], new String[0]),
                null,
                new PredictionRecord.Failure("flight-delay/2", "broken")));
        DayResult.Times times = join.result("2013-04-01", 0, 1, 1).times();
        assertThat(times.candidates()).isEmpty();
        assertThat(times.control().rows() + times.rest().rows()).isZero();
    }
}
