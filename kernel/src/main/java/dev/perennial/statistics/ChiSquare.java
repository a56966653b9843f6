package dev.perennial.statistics;

import org.apache.commons.numbers.gamma.RegularizedGamma;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.apache.commons.statistics.distribution.NormalDistribution;

/** Tails of the chi-square and the standard normal distribution, accurate in the far tail. */
final class ChiSquare {
    private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);

    private ChiSquare() {}

    /** P(X >= x). */
    static double survival(double x, double dof) {
        return x <= 0 ? 1 : RegularizedGamma.Q.value(dof / 2, x / 2);
    }

    /** The value that is exceeded with probability alpha. */
    static double quantileAbove(double alpha, double dof) {
        return ChiSquaredDistribution.of(dof).inverseSurvivalProbability(alpha);
    }

    /** P(|Z| >= |z|). */
    static double normalTwoSided(double z) {
        return Math.min(1, 2 * NORMAL.survivalProbability(Math.abs(z)));
    }

    /** P(Z >= z). */
    static double normalAbove(double z) {
        return NORMAL.survivalProbability(z);
    }

    /** The normal quantile for a two-sided confidence, 1.96 for 0.95. */
    static double normalQuantile(double confidence) {
        return NORMAL.inverseSurvivalProbability((1 - confidence) / 2);
    }
}
