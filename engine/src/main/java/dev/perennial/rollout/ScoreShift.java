package dev.perennial.rollout;

import dev.perennial.rollout.RolloutDecision.Shift;
import dev.perennial.rollout.RolloutEvidence.Day;
import dev.perennial.statistics.ToleranceTest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Do the candidate's scores leave the champion's by more than is tolerated? Needs no labels; does not say which of the two is right. */
final class ScoreShift {
    /** Enough for a millionth of the PSI. */
    private static final int HALVINGS = 20;

    private ScoreShift() {}

    /**
     * The clusters that the newest look sees: each closed day is a look; blocks are many and looked at whenever their number has doubled,
     * so that the looks do not eat the level up.
     */
    static List<Day> looked(List<Day> closed, Pace pace) {
        List<Day> scored =
                closed.stream().filter(day -> day.comparison().rows() > 0).toList();
        return pace.calendar() != null || scored.isEmpty()
                ? scored
                : scored.subList(0, Integer.highestOneBit(scored.size()));
    }

    /** The number of the look that sees so many clusters, from 1. */
    static int number(int clusters, Pace pace) {
        return pace.calendar() != null ? clusters : 1 + Integer.numberOfTrailingZeros(clusters);
    }

    /**
     * The largest tolerance that these rows still show to be exceeded at {@code level}; 0 when they show no shift at all at {@code spent}.
     */
    static double low(Shift shift, double level, double spent) {
        double low = 0;
        double high = shift.psi();
        if (exceeds(shift, 0, spent) && exceeds(shift, 0, level)) {
            for (int i = 0; i < HALVINGS; i++) {
                double middle = (low + high) / 2;
                if (exceeds(shift, middle, level)) {
                    low = middle;
                } else {
                    high = middle;
                }
            }
        }
        return low;
    }

    private static boolean exceeds(Shift shift, double tolerance, double level) {
        return ToleranceTest.judge(shift.psi(), tolerance, shift.effectiveRows(), shift.bins(), level)
                .exceeds();
    }

    /** Null without rows. Two samples of n rows are worth n / 2, and days divide that by their design effect. */
    static @Nullable Shift of(List<Day> days, Learnt learnt, double tolerance) {
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
        double deff = designEffect(squares / rows, learnt.rhoOfScores(days));
        double effective = ToleranceTest.effectiveSize(rows, rows) / deff;
        double psi = bins.psi();
        double pTol =
                ToleranceTest.judge(psi, tolerance, effective, bins.bins(), 1).pTol();
        return new Shift(psi, tolerance, pTol, effective, deff, bins.bins(), rows);
    }

    /** Variance of a mean over rows, by days over by rows, for days of unequal size: their size is weighed by rows. */
    static double designEffect(double weighedSize, double rho) {
        return 1 + Math.max(0, weighedSize - 1) * rho;
    }
}
