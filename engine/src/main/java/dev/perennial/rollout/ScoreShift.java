package dev.perennial.rollout;

import dev.perennial.rollout.RolloutDecision.Shift;
import dev.perennial.rollout.RolloutEvidence.Day;
import dev.perennial.statistics.ToleranceTest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Do the candidate's scores leave the champion's by more than is tolerated? Needs no labels; does not say which of the two is right. */
final class ScoreShift {
    private ScoreShift() {}

    /** Null without rows. Two samples of n rows are worth n / 2, and days divide that by their design effect. */
    static @Nullable Shift of(List<Day> days, Learnt learnt, double tolerance, double alpha) {
        ScoreBins bins = new ScoreBins();
        double squares = 0;
        for (Day day : days) {
            bins.add(day.comparison().candidateBins(), day.comparison().championBins());
            squares += (double) day.comparison().rows() * day.comparison().rows();
        }
        long rows = bins.rows();
        if (rows == 0) {
            return null;
        }
        double deff = designEffect(squares / rows, learnt.scoreRho());
        double effective = ToleranceTest.effectiveSize(rows, rows) / deff;
        double psi = bins.psi();
        double pTol = ToleranceTest.judge(psi, tolerance, effective, bins.bins(), alpha)
                .pTol();
        return new Shift(psi, tolerance, pTol, effective, deff, bins.bins(), rows);
    }

    /** Variance of a mean over rows, by days over by rows, for days of unequal size: their size is weighed by rows. */
    static double designEffect(double weighedSize, double rho) {
        return 1 + Math.max(0, weighedSize - 1) * rho;
    }
}
