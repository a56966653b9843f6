package dev.perennial.rollout;

import org.jspecify.annotations.Nullable;

/**
 * One guard at one look: an estimate with bounds that hold at every look of the whole rollout at once, and the bound that they must not
 * leave.
 *
 * @param guard {@code harm}, {@code score}, {@code errors} or {@code latency}
 * @param clusters closed days or blocks that it is computed from
 * @param estimate harm: paired difference of the metric; score: PSI; errors: share of failed calls, less the control's where it is known;
 *     latency: ratio of typical times, candidate to control. Null when it cannot be computed
 * @param low the sequence's lower end; harm is shown when it lies above {@code bound}
 * @param high the upper end; null for score, which has a lower one only
 * @param bound what is tolerated
 * @param alpha the guard's part of the rollout's error level
 * @param deff design effect: so many rows are worth one
 * @param why why it is off or cannot be computed, null otherwise
 */
public record GuardLook(
        String guard,
        int clusters,
        @Nullable Double estimate,
        @Nullable Double low,
        @Nullable Double high,
        double bound,
        double alpha,
        double deff,
        Verdict verdict,
        @Nullable String why) {

    /** What a guard says. */
    public enum Verdict {
        /** Harm is not shown. */
        CLEAR,
        /** Harm is shown. */
        SHOWN,
        /** It is wanted and cannot be computed: the step is inconclusive, and nothing is promoted. */
        NOT_COMPUTABLE,
        /** It is not wanted here. */
        OFF
    }

    static GuardLook without(Guard guard, double bound, double alpha, Verdict verdict, String why) {
        return new GuardLook(guard.title(), 0, null, null, null, bound, alpha, 1, verdict, why);
    }
}
