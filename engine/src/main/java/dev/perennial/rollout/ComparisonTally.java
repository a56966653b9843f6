package dev.perennial.rollout;

import dev.perennial.gates.Evaluation.Paired;
import dev.perennial.rollout.RolloutEvidence.Comparison;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Sums up one day's rows that candidate and champion both scored. Not thread-safe. */
public final class ComparisonTally {
    private static final double SCORE_MIN = 1e-7;

    private final int[] candidateBins = new int[ScoreBins.FINE];
    private final int[] championBins = new int[ScoreBins.FINE];
    private long rows;
    private long labelled;
    private double logLoss;
    private double logLossSquares;
    private double brier;
    private double brierSquares;

    /** One row; {@code label} is null while the outcome is unknown. Scores lie in [0, 1]. */
    public void add(double candidate, double champion, @Nullable Boolean label) {
        rows++;
        candidateBins[bin(candidate)]++;
        championBins[bin(champion)]++;
        if (label != null) {
            double loss = loss(candidate, label) - loss(champion, label);
            double squared = square(candidate, label) - square(champion, label);
            labelled++;
            logLoss += loss;
            logLossSquares += loss * loss;
            brier += squared;
            brierSquares += squared * squared;
        }
    }

    public Comparison comparison() {
        return new Comparison(
                rows,
                labelled,
                new Paired(logLoss, logLossSquares, brier, brierSquares),
                pairs(candidateBins),
                pairs(championBins));
    }

    private static int bin(double score) {
        return (int) Math.clamp(score * ScoreBins.FINE, 0, ScoreBins.FINE - 1);
    }

    private static double loss(double score, boolean label) {
        double p = Math.clamp(score, SCORE_MIN, 1 - SCORE_MIN);
        return -Math.log(label ? p : 1 - p);
    }

    private static double square(double score, boolean label) {
        double error = score - (label ? 1 : 0);
        return error * error;
    }

    private static int[] pairs(int[] bins) {
        int[] pairs = new int[2 * bins.length];
        int n = 0;
        for (int bin = 0; bin < bins.length; bin++) {
            if (bins[bin] > 0) {
                pairs[n++] = bin;
                pairs[n++] = bins[bin];
            }
        }
        return Arrays.copyOf(pairs, n);
    }
}
