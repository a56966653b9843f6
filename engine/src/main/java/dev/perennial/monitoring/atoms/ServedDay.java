package dev.perennial.monitoring.atoms;

import dev.perennial.gates.Evaluation;

/**
 * One closed day of answers and their outcomes.
 *
 * @param rows answered
 * @param labelled of them with an outcome, {@code positives} with outcome 1
 * @param scores sums over the labelled rows
 */
public record ServedDay(String day, long rows, long labelled, long positives, Evaluation.Scores scores) {

    public double coverage() {
        return rows == 0 ? 1 : (double) labelled / rows;
    }
}
