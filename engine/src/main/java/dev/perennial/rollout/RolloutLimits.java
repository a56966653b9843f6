package dev.perennial.rollout;

import org.jspecify.annotations.Nullable;

/**
 * Fixed numbers of a rollout that the lifecycle file does not declare.
 *
 * @param labelledRowsMin labelled rows on a step's days, below which the step is starved
 * @param rowsMin the same for rows of an endpoint without labels
 * @param extensionsMax days (or blocks) by which one step may be extended before the rollout stops and asks
 * @param alpha error level of the whole rollout, by guard
 * @param shiftLevel level at which one look shows that a score shift is larger than tolerated; that there is a shift at all must be shown at
 *     the score guard's part of {@code alpha}, spent over the looks
 * @param fusePsi gross shift that stops on whatever days were seen, without waiting for outcomes or for a test
 * @param fuseRows rows that the gross shift needs
 * @param latencyFloorMicros a candidate that is slower by less harms nobody, whatever the ratio is
 * @param fuseTimes a gross shift is at least so many times what the score guard tolerates, and where nobody asked for that guard no shift
 *     is gross; null in decisions of releases that asked neither
 * @param errorLevel level at which one look shows that more calls fail than tolerated, once it is shown at every look that more fail than
 *     the control's; null in decisions of releases that asked at every look for more than tolerated
 */
public record RolloutLimits(
        int labelledRowsMin,
        int rowsMin,
        int extensionsMax,
        AlphaPlan alpha,
        double shiftLevel,
        double fusePsi,
        int fuseRows,
        long latencyFloorMicros,
        @Nullable Double fuseTimes,
        @Nullable Double errorLevel) {

    public static final RolloutLimits DEFAULT =
            new RolloutLimits(20, 200, 7, AlphaPlan.DEFAULT, 0.05, 2.0, 200, 5_000, 2.0, 0.05);

    /** The shift above which the fuse on scores blows; infinite where somebody said that scores may differ. */
    double grossShift(RolloutPlan plan) {
        if (fuseTimes == null) {
            return fusePsi;
        }
        return plan.wants(Guard.SCORE)
                ? Math.max(fusePsi, fuseTimes * plan.stopOn().scoreShiftPsi())
                : Double.POSITIVE_INFINITY;
    }
}
