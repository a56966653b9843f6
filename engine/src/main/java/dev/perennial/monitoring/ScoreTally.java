package dev.perennial.monitoring;

import dev.perennial.gates.Evaluation;
import java.util.TreeMap;

/** Adds scored rows up to {@link Evaluation.Scores}. Not thread-safe. */
final class ScoreTally {
    static final int BINS = 1000;
    private static final double CLIP = 1e-7;

    private final TreeMap<Integer, Integer> positives = new TreeMap<>();
    private final TreeMap<Integer, Integer> negatives = new TreeMap<>();
    private double logLoss;
    private double logLossSquares;
    private double brier;
    private double scoreSum;

    /** Natural log loss of one row, the score clipped to [1e-7, 1 - 1e-7]. */
    static double logLoss(double score, int label) {
        double p = Math.clamp(score, CLIP, 1 - CLIP);
        return label == 1 ? -Math.log(p) : -Math.log1p(-p);
    }

    static double brier(double score, int label) {
        return (score - label) * (score - label);
    }

    static int bin(double score) {
        return Math.clamp((int) (score * BINS), 0, BINS - 1);
    }

    void add(double score, int label) {
        double loss = logLoss(score, label);
        logLoss += loss;
        logLossSquares += loss * loss;
        brier += brier(score, label);
        scoreSum += score;
        (label == 1 ? positives : negatives).merge(bin(score), 1, Integer::sum);
    }

    Evaluation.Scores scores() {
        return new Evaluation.Scores(logLoss, logLossSquares, brier, scoreSum, sparse(positives), sparse(negatives));
    }

    static int[] sparse(TreeMap<Integer, Integer> bins) {
        int[] pairs = new int[2 * bins.size()];
        int at = 0;
        for (var entry : bins.entrySet()) {
            pairs[at++] = entry.getKey();
            pairs[at++] = entry.getValue();
        }
        return pairs;
    }
}
