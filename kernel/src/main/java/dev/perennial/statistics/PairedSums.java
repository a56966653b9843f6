package dev.perennial.statistics;

/** Sums the differences of two models' losses over the same rows, the first minus the second. Not thread-safe. */
public final class PairedSums {
    private double logLoss;
    private double logLossSquares;
    private double brier;
    private double brierSquares;

    /** @param score of the first model, {@code other} of the second, for a row with this label */
    public void add(int label, double score, double other) {
        double loss = ScoreSums.logLoss(label, score) - ScoreSums.logLoss(label, other);
        double square = ScoreSums.brier(label, score) - ScoreSums.brier(label, other);
        logLoss += loss;
        logLossSquares += loss * loss;
        brier += square;
        brierSquares += square * square;
    }

    public double logLoss() {
        return logLoss;
    }

    public double logLossSquares() {
        return logLossSquares;
    }

    public double brier() {
        return brier;
    }

    public double brierSquares() {
        return brierSquares;
    }
}
