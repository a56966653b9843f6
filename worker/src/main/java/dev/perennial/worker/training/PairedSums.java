package dev.perennial.worker.training;

import dev.perennial.gates.Evaluation.Paired;

/** Sums the differences of two models' losses over the same rows. */
final class PairedSums {
    private double logLoss;
    private double logLossSquares;
    private double brier;
    private double brierSquares;

    void add(int label, double score, double other) {
        double loss = ScoreSums.logLoss(label, score) - ScoreSums.logLoss(label, other);
        double square = ScoreSums.brier(label, score) - ScoreSums.brier(label, other);
        logLoss += loss;
        logLossSquares += loss * loss;
        brier += square;
        brierSquares += square * square;
    }

    Paired paired() {
        return new Paired(logLoss, logLossSquares, brier, brierSquares);
    }
}
