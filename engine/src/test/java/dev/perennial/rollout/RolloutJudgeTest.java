package dev.perennial.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.gates.Evaluation.Paired;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.lifecycle.file.ModelCalendar;
import dev.perennial.lifecycle.file.Rollout;
import dev.perennial.rollout.RolloutDecision.Action;
import dev.perennial.rollout.RolloutDecision.Reason;
import dev.perennial.rollout.RolloutEvidence.Comparison;
import dev.perennial.rollout.RolloutEvidence.Day;
import dev.perennial.rollout.RolloutState.Phase;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class RolloutJudgeTest {
    private static final Rollout PLAN = new Rollout(
            2,
            List.of(new Rollout.Canary(0.10, 3), new Rollout.Canary(0.50, 1)),
            new Rollout.StopOn(0.25, "log_loss", 0, 0.01),
            604_800_000);
    private static final Learnt LEARNT = new Learnt(0.035, 0.15, 0.035, 14);
    private static final RolloutWorld WORLD = new RolloutWorld(230, 0.5, 0.1, 0.3, DoubleUnaryOperator.identity());
    private static final LocalDate MONDAY = LocalDate.of(2013, 6, 17);

    private final RolloutJudge judge = new RolloutJudge(RolloutLimits.DEFAULT);
    private final RolloutState start =
            RolloutState.start(RolloutRun.plan(PLAN), RolloutRun.CANDIDATE, RolloutRun.CHAMPION, RolloutRun.MONDAY);

    @Test
    void takesSixDaysFromMondayToSunday() {
        assertThat(start.phase()).isEqualTo(Phase.SHADOW);
        assertThat(start.share(RolloutStep.of(PLAN))).isZero();
        assertThat(start.stepEndsAt()).isEqualTo(at("2013-06-19T10:00:00Z"));
        assertThat(judge(start, days(1), at("2013-06-18T10:00:00Z")).reason()).isEqualTo(Reason.STEP_RUNNING);

        RolloutDecision canary = judge(start, days(2), at("2013-06-19T10:00:00Z"));
        assertThat(canary.action()).as(canary.text()).isEqualTo(Action.ADVANCE);
        assertThat(canary.text())
                .startsWith("flight-delay/2 has passed shadow (")
                .endsWith("it goes on to canary 10 % for 3 days.");
        assertThat(canary.next().phase()).isEqualTo(Phase.CANARY);
        assertThat(canary.next().share(RolloutStep.of(PLAN))).isEqualTo(0.1);
        assertThat(canary.next().stepEndsAt()).isEqualTo(at("2013-06-22T10:00:00Z"));

        RolloutDecision half = judge(canary.next(), days(5), at("2013-06-22T10:00:00Z"));
        assertThat(half.action()).isEqualTo(Action.ADVANCE);
        assertThat(half.next().share(RolloutStep.of(PLAN))).isEqualTo(0.5);

        RolloutDecision end = judge(half.next(), days(6), at("2013-06-23T10:00:00Z"));
        assertThat(end.action()).isEqualTo(Action.PROMOTE);
        assertThat(end.next().phase()).isEqualTo(Phase.PROMOTED);
        assertThat(end.next().share(RolloutStep.of(PLAN))).isEqualTo(1);
        assertThat(end.text()).contains("becomes champion", "flight-delay/1 is kept warm");
        assertThat(judge(end.next(), days(7), at("2013-06-24T10:00:00Z")).reason())
                .isEqualTo(Reason.ENDED);
    }

    @Test
    void stepsEndAtTheLocalHourAcrossClockChanges() {
        ModelCalendar calendar = RolloutRun.CALENDAR;
        assertThat(calendar.stepEnd(at("2013-11-02T10:00:00Z"), 2)).isEqualTo(at("2013-11-04T11:00:00Z"));
        assertThat(calendar.stepEnd(at("2013-03-09T11:00:00Z"), 2)).isEqualTo(at("2013-03-11T10:00:00Z"));
        assertThat(calendar.nextPublication(at("2013-06-19T10:00:00Z"))).isEqualTo(at("2013-06-20T10:00:00Z"));
        assertThat(calendar.nextPublication(at("2013-06-19T09:59:59Z"))).isEqualTo(at("2013-06-19T10:00:00Z"));
        assertThat(calendar.nextPublication(at("2013-06-19T03:00:00Z"))).isEqualTo(at("2013-06-19T10:00:00Z"));
    }

    @Test
    void missingLabelsExtendAndNeverPromote() {
        List<Day> days = days(2);
        days.set(1, covered(days.get(1), 100));
        RolloutDecision first = judge(start, days, at("2013-06-19T10:00:00Z"));
        assertThat(first.action()).isEqualTo(Action.EXTEND);
        assertThat(first.reason()).isEqualTo(Reason.LABELS_MISSING);
        assertThat(first.text())
                .isEqualTo(
                        "flight-delay/2 stays in shadow a day longer (1 of at most 7), because 1 of the 2 days it needs have labels for"
                                + " at least 80 % of their predictions.");
        assertThat(first.next().stepEndsAt()).isEqualTo(at("2013-06-20T10:00:00Z"));

        List<Day> mended = new ArrayList<>(days);
        mended.add(days(3).get(2));
        assertThat(judge(first.next(), mended, at("2013-06-20T10:00:00Z")).action())
                .isEqualTo(Action.ADVANCE);
    }

    @Test
    void aStarvedCanaryWaitsThenStopsAndAsks() {
        RolloutState state = judge(start, days(2), at("2013-06-19T10:00:00Z")).next();
        List<Day> days = days(2);
        long clock = state.stepEndsAt();
        for (int i = 0; i < 3; i++) {
            days.add(empty(MONDAY.plusDays(2 + i)));
        }
        RolloutDecision decision = judge(state, days, clock);
        assertThat(decision.reason()).isEqualTo(Reason.TOO_FEW_ROWS);
        int extended = 0;
        while (decision.action() == Action.EXTEND) {
            extended++;
            clock = decision.next().stepEndsAt();
            days.add(empty(RolloutRun.CALENDAR.day(clock).minusDays(1)));
            decision = judge(decision.next(), days, clock);
        }
        assertThat(extended).isEqualTo(7);
        assertThat(decision.action()).isEqualTo(Action.STOP);
        assertThat(decision.reason()).isEqualTo(Reason.STARVED);
        assertThat(decision.text()).contains("after 7 days of waiting", "0 labelled rows", "a person must decide");
        assertThat(decision.next().phase()).isEqualTo(Phase.STOPPED);
    }

    @Test
    void withoutAnyEvidenceTheStepIsExtended() {
        RolloutDecision decision = judge(start, List.of(), at("2013-06-19T10:00:00Z"));
        assertThat(decision.action()).isEqualTo(Action.EXTEND);
        assertThat(decision.numbers().shift()).isNull();
        assertThat(decision.numbers().harm()).isNull();
    }

    @Test
    void aGrossShiftStopsWithinTheOpenDayEvenWhilePaused() {
        Day open = WORLD.with(_ -> -2.5).day(MONDAY, 1, new SplittableRandom(1));
        RolloutDecision decision =
                judge(start.pause("Ada", "audit", RolloutRun.MONDAY), List.of(open), RolloutRun.MONDAY + 8 * 3_600_000);
        assertThat(decision.action()).isEqualTo(Action.STOP);
        assertThat(decision.reason()).isEqualTo(Reason.GROSS_SCORE_SHIFT);
        assertThat(decision.numbers().closedDays()).isZero();
        assertThat(decision.text())
                .startsWith(
                        "flight-delay/2 was stopped and flight-delay/1 has all traffic: on 230 rows its scores have nothing to do");
        assertThat(decision.next().share(RolloutStep.of(PLAN))).isZero();

        Day few = new RolloutWorld(150, 0, 0, 0.3, _ -> -2.5).day(MONDAY, 1, new SplittableRandom(1));
        assertThat(judge(start, List.of(few), RolloutRun.MONDAY + 8 * 3_600_000).action())
                .isEqualTo(Action.HOLD);
    }

    @Test
    void aShiftBeyondToleranceIsShownOnClosedDaysOnly() {
        List<Day> days = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 2; i++) {
            days.add(new RolloutWorld(230, 0, 0, 0.3, logit -> logit + 1.15).day(MONDAY.plusDays(i), 1, random));
        }
        Learnt independent = new Learnt(0, 5, 0, 14);
        RolloutEvidence evidence = new RolloutEvidence(days, independent, 0.8, null);
        assertThat(judge.judge(RolloutRun.plan(PLAN), start, evidence, RolloutRun.MONDAY + 3_600_000)
                        .action())
                .isEqualTo(Action.HOLD);
        RolloutDecision decision = judge.judge(RolloutRun.plan(PLAN), start, evidence, at("2013-06-19T10:00:00Z"));
        assertThat(decision.reason()).as(decision.text()).isEqualTo(Reason.SCORE_SHIFT);
        assertThat(decision.text()).contains("against a tolerance of 0.25", "worth 230 pairs");
        RolloutEvidence doubtful = new RolloutEvidence(days, new Learnt(0, 5, 0.9, 14), 0.8, null);
        assertThat(judge.judge(RolloutRun.plan(PLAN), start, doubtful, at("2013-06-19T10:00:00Z"))
                        .action())
                .as("days that swing so much prove nothing yet")
                .isEqualTo(Action.ADVANCE);
    }

    @Test
    void shownHarmStopsAndTheMarginAllowsSome() {
        List<Day> days = days(2).stream().map(day -> worse(day, 0.4)).toList();
        RolloutDecision decision = judge(start, days, at("2013-06-19T10:00:00Z"));
        assertThat(decision.reason()).isEqualTo(Reason.HARM);
        assertThat(decision.text())
                .contains(
                        "shown to be worse than the champion: log loss differs by +0.4000",
                        "harm would be more than +0.0000");
        assertThat(decision.numbers().harm().low()).isPositive();

        Rollout tolerant = new Rollout(2, PLAN.canary(), new Rollout.StopOn(0.25, "log_loss", 0.5, 0.01), 0);
        assertThat(judge.judge(
                                RolloutRun.plan(tolerant),
                                start,
                                RolloutRun.evidence(days, LEARNT),
                                at("2013-06-19T10:00:00Z"))
                        .action())
                .isEqualTo(Action.ADVANCE);
        List<Day> unlabelled = days.stream().map(day -> covered(day, 10)).toList();
        assertThat(judge(start, unlabelled, at("2013-06-19T10:00:00Z")).reason())
                .isEqualTo(Reason.LABELS_MISSING);
    }

    @Test
    void errorsAndTheScorersFuseStop() {
        List<Day> days = new ArrayList<>(days(1));
        Day day = days.get(0);
        days.set(0, failing(day, 230, 2));
        assertThat(judge(start, days, at("2013-06-18T10:00:00Z")).action()).isEqualTo(Action.HOLD);
        days.set(0, failing(day, 230, 3));
        assertThat(judge(start, days, at("2013-06-18T10:00:00Z")).action())
                .as("more than 1 %, but days are the sample: 26 rows' worth do not show it")
                .isEqualTo(Action.HOLD);
        days.set(0, failing(day, 230, 180));
        RolloutDecision errors = judge(start, days, at("2013-06-18T10:00:00Z"));
        assertThat(errors.reason()).isEqualTo(Reason.ERRORS);
        assertThat(errors.text())
                .contains("180 of its 230 calls failed, at every look more than ")
                .contains("; 1 % are tolerated (the champion answered 180 of them)");
        assertThat(judge(start, days, at("2013-06-18T09:59:59Z")).action())
                .as("the day is not closed yet")
                .isEqualTo(Action.HOLD);
        days.set(0, failing(day, 10, 1));
        assertThat(judge(start, days, at("2013-06-18T10:00:00Z")).action())
                .as("one failure of ten is no share yet")
                .isEqualTo(Action.HOLD);

        RolloutEvidence blown = new RolloutEvidence(days(1), LEARNT, 0.8, "5 failed calls in a row");
        RolloutDecision fuse = judge.judge(RolloutRun.plan(PLAN), start, blown, RolloutRun.MONDAY + 1);
        assertThat(fuse.reason()).isEqualTo(Reason.BLOWN_FUSE);
        assertThat(fuse.text()).contains("by itself: 5 failed calls in a row");
    }

    @Test
    void aPauseHoldsAStepAndResumeLetsItGo() {
        RolloutState paused = start.pause("Ada", "audit", RolloutRun.MONDAY);
        RolloutDecision held = judge(paused, days(2), at("2013-06-19T10:00:00Z"));
        assertThat(held.action()).isEqualTo(Action.HOLD);
        assertThat(held.text()).isEqualTo("flight-delay/2 stays in shadow: paused by Ada (audit).");
        assertThat(judge(paused.resume(), days(2), at("2013-06-19T10:00:00Z")).action())
                .isEqualTo(Action.ADVANCE);
        assertThatThrownBy(start::resume).isInstanceOf(PerennialException.class).hasMessageContaining("not paused");
        assertThatThrownBy(() -> paused.pause("Bob", "too", 1)).hasMessageContaining("paused already");
    }

    @Test
    void aPersonMayAbortAndAnEndedRolloutStaysEnded() {
        RolloutState aborted = start.abort("Ada", "wrong file", RolloutRun.MONDAY + 5);
        assertThat(aborted.phase()).isEqualTo(Phase.ABORTED);
        assertThat(aborted.ending()).isEqualTo(new RolloutState.Act("Ada", "wrong file", RolloutRun.MONDAY + 5));
        RolloutDecision decision = judge(aborted, days(2), at("2013-06-19T10:00:00Z"));
        assertThat(decision.action()).isEqualTo(Action.HOLD);
        assertThat(decision.next()).isEqualTo(aborted);
        assertThatThrownBy(() -> aborted.abort("Ada", "again", 1)).hasMessageContaining("it is ABORTED");
    }

    @Test
    void storedEvidenceGivesTheSameDecisionAgain() {
        for (int n = 0; n <= 6; n++) {
            RolloutEvidence evidence = RolloutRun.evidence(days(n), LEARNT);
            long clock = RolloutRun.CALENDAR.published(MONDAY.plusDays(n));
            RolloutDecision once = judge.judge(RolloutRun.plan(PLAN), start, evidence, clock);
            RolloutDecision again = new RolloutJudge(Json.read(Json.write(RolloutLimits.DEFAULT), RolloutLimits.class))
                    .judge(
                            Json.read(Json.write(RolloutRun.plan(PLAN)), RolloutPlan.class),
                            Json.read(Json.write(start), RolloutState.class),
                            Json.read(Json.write(evidence), RolloutEvidence.class),
                            clock);
            assertThat(Json.canonical(again)).isEqualTo(Json.canonical(once));
            assertThat(Json.read(Json.write(once), RolloutDecision.class)).isEqualTo(once);
        }
    }

    @Test
    void aPlanNeedsAStepAndAMetricThatCanBeSummed() {
        Rollout none = new Rollout(0, List.of(), PLAN.stopOn(), 0);
        assertThatThrownBy(() -> start(none)).hasMessageContaining("has no step");
        Rollout auc = new Rollout(1, List.of(), new Rollout.StopOn(0.25, "roc_auc", 0, 0.01), 0);
        assertThatThrownBy(() -> start(auc)).hasMessageContaining("'roc_auc'");
        Rollout canaryOnly = new Rollout(0, PLAN.canary(), PLAN.stopOn(), 0);
        assertThat(start(canaryOnly).phase()).isEqualTo(Phase.CANARY);
    }

    @Test
    void theGatesDaysTeachHowMuchDaysSwing() {
        Learnt calm = Learnt.from(WORLD.gate(new SplittableRandom(1), 14), 0.8, "log_loss");
        Learnt wild = Learnt.from(
                new RolloutWorld(230, 1.5, 0.6, 0.3, DoubleUnaryOperator.identity()).gate(new SplittableRandom(1), 14),
                0.8,
                "log_loss");
        assertThat(calm.days()).isEqualTo(14);
        assertThat(calm.sd()).isBetween(0.1, 0.3);
        assertThat(wild.rho()).isGreaterThan(2 * calm.rho());
        assertThat(wild.scoreRho()).isGreaterThan(calm.scoreRho());
        assertThat(Learnt.from(WORLD.gate(new SplittableRandom(1), 7), 0.8, "log_loss"))
                .isEqualTo(Learnt.NOTHING);
    }

    private static RolloutState start(Rollout plan) {
        return RolloutState.start(RolloutRun.plan(plan), RolloutRun.CANDIDATE, RolloutRun.CHAMPION, RolloutRun.MONDAY);
    }

    private RolloutDecision judge(RolloutState state, List<Day> days, long clock) {
        return judge.judge(RolloutRun.plan(PLAN), state, RolloutRun.evidence(days, LEARNT), clock);
    }

    /** Honest days from Monday on. */
    private static List<Day> days(int count) {
        SplittableRandom random = new SplittableRandom(11);
        List<Day> days = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Day day = WORLD.day(MONDAY.plusDays(i), 1, random);
            days.add(covered(day, 220));
        }
        return days;
    }

    private static Day covered(Day day, long labels) {
        return new Day(day.day(), 230, labels, day.comparison(), day.calls(), day.errors(), day.fallbacks());
    }

    private static Day failing(Day day, long calls, long errors) {
        return new Day(day.day(), day.predictions(), day.labels(), day.comparison(), calls, errors, errors);
    }

    private static Day empty(LocalDate date) {
        return new Day(date.toString(), 230, 225, Comparison.empty(), 0, 0, 0);
    }

    private static Day worse(Day day, double difference) {
        Comparison old = day.comparison();
        double n = old.labelled();
        Paired paired = new Paired(n * difference, n * (difference * difference + 0.02), 0, 0);
        return new Day(
                day.day(),
                day.predictions(),
                day.labels(),
                new Comparison(old.rows(), old.labelled(), paired, old.candidateBins(), old.championBins()),
                day.calls(),
                day.errors(),
                day.fallbacks());
    }

    private static long at(String instant) {
        return Instant.parse(instant).toEpochMilli();
    }
}
