package dev.perennial.lifecycle;

import dev.perennial.monitoring.DayResult;
import dev.perennial.rollout.RolloutEvidence;
import dev.perennial.rollout.RolloutEvidence.Comparison;
import dev.perennial.rollout.RolloutEvidence.Control;
import dev.perennial.rollout.Spread.Halves;
import dev.perennial.rollout.Spread.Sums;
import java.util.ArrayList;
import java.util.List;

/** Makes evidence for rollouts of lifecycle files of closed days. Stateless. */
final class DayEvidence {
    private DayEvidence() {}

    /** What a day showed of a candidate. */
    static RolloutEvidence.Day day(DayResult day, int version) {
        String number = Integer.toString(version);
        DayResult.Pair pair = day.pairs().get(number);
        if (pair == null) {
            return new RolloutEvidence.Day(day.day(), day.rows(), day.labelled(), Comparison.empty(), 0, 0, 0);
        }
        DayResult.Times times = day.times();
        DayResult.TimeSums own = times == null ? null : times.candidates().get(number);
        DayResult.TimeSums control = times == null || own == null ? null : times.control();
        return new RolloutEvidence.Day(
                day.day(),
                day.rows(),
                day.labelled(),
                new Comparison(pair.rows(), pair.labelled(), pair.paired(), pair.candidateBins(), pair.championBins()),
                pair.calls(),
                pair.errors(),
                pair.fallbacks(),
                own == null ? null : sums(own),
                control == null || control.rows() == 0
                        ? null
                        : new Control(0, 0, sums(control)), // the champion's failed calls are in no day
                null);
    }

    /** What two halves of the champion's callers took on days before a rollout; a control beside a canary is no half. */
    static List<Halves> halves(List<DayResult> before) {
        List<Halves> halves = new ArrayList<>();
        for (DayResult day : before) {
            DayResult.Times times = day.times();
            if (times != null && times.candidates().isEmpty()) {
                halves.add(new Halves(sums(times.control()), sums(times.rest())));
            }
        }
        return halves;
    }

    private static Sums sums(DayResult.TimeSums times) {
        return new Sums(times.rows(), times.sum(), times.squares());
    }
}
