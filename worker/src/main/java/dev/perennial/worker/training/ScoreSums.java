package dev.perennial.worker.training;

import dev.perennial.gates.Evaluation.Scores;
import java.util.Map;
import java.util.TreeMap;

/** Sums one model's scores over labelled rows. */
final class ScoreSums {
    static final int BINS = 1_000;
    private static final double SCORE_MIN = 1e-7;

    private double logLoss;
    private double logLossSquares;
    private double brier;
    private double scores;
    private final TreeMap<Integer, Integer> positiveBins = new TreeMap<>();
    private final TreeMap<Integer, Integer> negativeBins = new TreeMap<>();

    /** Natural log loss of one row, the score clipped away from 0 and 1. */
    static double logLoss(int label, double score) {
        double clipped = Math.min(Math.max(score, SCORE_MIN), 1 - SCORE_MIN);
        return -Math.log(label == 1 ? clipped : 1 - clipped);
    }

    static double brier(int label, double score) {
        return (score - label) * (score - label);
    }

    void add(int label, double score) {
        double loss = logLoss(label, score);
        logLoss += loss;
        logLossSquares += loss * loss;
        brier += brier(label, score);
        scores += score;
        int bin = Math.min((int) (score * BINS), BINS - 1);
        (label == 1 ? positiveBins : negativeBins).merge(bin, 1, Integer::sum);
    }

    Scores scores() {
        return new Scores(logLoss, logLossSquares, brier, scores, pairs(positiveBins), pairs(negativeBins));
    }

    private static int[] pairs(Map<Integer, Integer> bins) {
        int[] pairs = new int[2 * bins.size()];
        int i = 0;
        for (Map.Entry<Integer, Integer> bin : bins.entrySet()) {
            pairs[i++] = bin.getKey();
            pairs[i++] = bin.getValue();
        }
        return pairs;
    }
}
