package dev.perennial.rollout;

import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.VersionId;
import dev.perennial.lifecycle.file.ModelCalendar;
import dev.perennial.lifecycle.file.Rollout;
import dev.perennial.rollout.RolloutDecision.Action;
import dev.perennial.rollout.RolloutEvidence.Day;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Plays one whole rollout in a world: a look each noon at the open day, and one each morning when outcomes are published. */
final class RolloutRun {
    static final ModelCalendar CALENDAR = new ModelCalendar("America/New_York", "06:00");
    static final ModelId MODEL = ModelId.parse("flight-delay");
    static final VersionId CANDIDATE = new VersionId(MODEL, 2);
    static final VersionId CHAMPION = new VersionId(MODEL, 1);

    /** A Monday, 06:00 in New York. */
    static final long MONDAY = Instant.parse("2013-06-17T10:00:00Z").toEpochMilli();

    private static final int DAYS_MAX = 60;

    /** As few as a guard can be computed from. */
    private static final int DAYS_LEARNT = 8;

    /** How a rollout ended, and after how many days. */
    record End(RolloutDecision last, int days) {
        boolean stopped() {
            return last.action() == Action.STOP;
        }

        boolean starved() {
            return last.reason() == RolloutDecision.Reason.STARVED;
        }
    }

    static End play(Rollout plan, RolloutWorld world, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Learnt learnt =
                Learnt.from(world.gate(random, DAYS_LEARNT), 0.8, plan.stopOn().harmMetric());
        return play(plan, world, learnt, random);
    }

    static End play(Rollout plan, RolloutWorld world, Learnt learnt, SplittableRandom random) {
        RolloutJudge judge = new RolloutJudge(RolloutLimits.DEFAULT);
        RolloutPlan steps = plan(plan);
        RolloutState state = RolloutState.start(steps, CANDIDATE, CHAMPION, MONDAY);
        List<Day> days = new ArrayList<>();
        RolloutDecision decision = judge.judge(steps, state, evidence(days, learnt), MONDAY);
        LocalDate date = CALENDAR.day(MONDAY);
        for (int i = 0; i < DAYS_MAX; i++, date = date.plusDays(1)) {
            double share = state.phase() == RolloutState.Phase.SHADOW ? 1 : state.share(steps.steps());
            days.add(world.day(date, share, random));
            long evening = CALENDAR.published(date) - 8 * 3_600_000L;
            for (long clock : new long[] {evening, CALENDAR.published(date)}) {
                decision = judge.judge(steps, state, evidence(days, learnt), clock);
                state = decision.next();
                if (!state.running()) {
                    return new End(decision, i + 1);
                }
            }
        }
        return new End(decision, DAYS_MAX);
    }

    static RolloutPlan plan(Rollout declared) {
        return RolloutPlan.of(declared, CALENDAR, false);
    }

    static RolloutEvidence evidence(List<Day> days, Learnt learnt) {
        return new RolloutEvidence(days, learnt, 0.8, null);
    }

    private RolloutRun() {}
}
