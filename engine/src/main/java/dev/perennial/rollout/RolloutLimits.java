package dev.perennial.rollout;

/**
 * Fixed numbers of a rollout that the lifecycle file does not declare.
 *
 * @param labelledRowsMin labelled rows on a step's days, below which the step is starved
 * @param extensionsMax days by which one step may be extended before the rollout stops and asks
 * @param alpha error level of score shift and of harm over a whole rollout
 * @param fusePsi gross shift that stops on whatever days were seen, without waiting for outcomes or for a test
 * @param fuseRows rows that the gross shift needs
 * @param errorCallsMin calls that the share of errors is taken over at least
 */
public record RolloutLimits(
        int labelledRowsMin, int extensionsMax, double alpha, double fusePsi, int fuseRows, int errorCallsMin) {

    public static final RolloutLimits DEFAULT = new RolloutLimits(20, 7, 0.05, 2.0, 200, 100);
}
