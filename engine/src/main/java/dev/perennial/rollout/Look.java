package dev.perennial.rollout;

import java.util.List;

/**
 * What one look at a rollout saw, for charts: each guard against its bound, and how much of the step's minima there is.
 *
 * @param at the model's clock, epoch milliseconds
 * @param step position in the plan
 */
public record Look(long at, int step, List<GuardLook> guards, Minima minima) {
    public Look {
        guards = List.copyOf(guards);
    }

    /**
     * What a step needs before it may pass.
     *
     * @param clusters closed days (with enough labels) or blocks since the step was entered
     * @param clustersNeeded what the step lasts
     * @param rows rows of them that both scored, labelled ones where labels are expected
     * @param rowsNeeded the least
     */
    public record Minima(int clusters, int clustersNeeded, long rows, long rowsNeeded) {
        public boolean met() {
            return clusters >= clustersNeeded && rows >= rowsNeeded;
        }
    }
}
