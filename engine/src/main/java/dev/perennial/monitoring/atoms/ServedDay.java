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

    /** A candidate's cluster of a gate, seen as a served day. */
    public static ServedDay ofCandidate(Evaluation.Cluster cluster) {
        return new ServedDay(
                cluster.key(), cluster.rows(), cluster.labelled(), cluster.positives(), cluster.candidate());
    }

    public double coverage() {
        return rows == 0 ? 1 : (double) labelled / rows;
    }
}
