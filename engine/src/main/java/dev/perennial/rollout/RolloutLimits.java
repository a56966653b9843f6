package dev.perennial.rollout;

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
 */
public record RolloutLimits(
        int labelledRowsMin,
        int rowsMin,
        int extensionsMax,
        AlphaPlan alpha,
        double shiftLevel,
        double fusePsi,
        int fuseRows,
        long latencyFloorMicros) {

    public static final RolloutLimits DEFAULT = new RolloutLimits(20, 200, 7, AlphaPlan.DEFAULT, 0.05, 2.0, 200, 5_000);
}
