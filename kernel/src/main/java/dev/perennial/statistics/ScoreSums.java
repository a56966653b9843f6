package dev.perennial.statistics;

import java.util.Map;
import java.util.TreeMap;

/**
 * Sums over one model's scores of rows whose outcome is known: all that log loss, Brier score, calibration and AUC of any group of clusters
 * need. Log loss is natural, with scores clipped to [1e-7, 1 - 1e-7]. Cost: two logarithms' time and one map entry a row. Not thread-safe.
 */
public final class ScoreSums {
    /** Equal bins of [0, 1] in which scores are counted. */
    public static final int BINS = 1_000;

    private static final double CLIP = 1e-7;

    private final TreeMap<Integer, Integer> positives = new TreeMap<>();
    private final TreeMap<Integer, Integer> negatives = new TreeMap<>();
    private double logLoss;
    private double logLossSquares;
    private double brier;
    private double scores;

    /** Natural log loss of one row. */
    public static double logLoss(int label, double score) {
        double p = Math.clamp(score, CLIP, 1 - CLIP);
        return label == 1 ? -Math.log(p) : -Math.log1p(-p);
    }

    /** Squared error of one row. */
    public static double brier(int label, double score) {
        return (score - label) * (score - label);
    }

    /** The bin that counts a score; 1 lies in the last one. */
    public static int bin(double score) {
        return Math.clamp((int) (score * BINS), 0, BINS - 1);
    }

    /** Counts by bin as pairs of bin and count, ascending: {@code [12,3,17,1]} is three in bin 12 and one in bin 17. */
    public static int[] pairs(Map<Integer, Integer> bins) {
        int[] pairs = new int[2 * bins.size()];
        int at = 0;
        for (Map.Entry<Integer, Integer> bin : new TreeMap<>(bins).entrySet()) {
            pairs[at++] = bin.getKey();
            pairs[at++] = bin.getValue();
        }
        return pairs;
    }

    /**
     * Adds a row.
     *
     * @param label 0 or 1
     * @param score a probability; anything else, NaN too, is refused, because one such row would spoil the sum for good
     */
    public void add(int label, double score) {
        if (!(score >= 0 && score <= 1)) {
            throw new IllegalArgumentException("score " + score + " is no probability; it must lie between 0 and 1");
        }
        double loss = logLoss(label, score);
        logLoss += loss;
        logLossSquares += loss * loss;
        brier += brier(label, score);
        scores += score;
        (label == 1 ? positives : negatives).merge(bin(score), 1, Integer::sum);
    }

    public double logLoss() {
        return logLoss;
    }

    /** Sum of squared row losses, for the variance within a cluster. */
    public double logLossSquares() {
        return logLossSquares;
    }

    public double brier() {
        return brier;
    }

    /** Sum of the scores. */
    public double scores() {
        return scores;
    }

    /** Scores of rows with outcome 1, as {@link #pairs}. */
    public int[] positiveBins() {
        return pairs(positives);
    }

    /** Scores of rows with outcome 0, as {@link #pairs}. */
    public int[] negativeBins() {
        return pairs(negatives);
    }
}
