package dev.perennial.statistics;

import org.apache.commons.numbers.gamma.RegularizedGamma;
import org.apache.commons.statistics.distribution.BetaDistribution;

/** Shares of independent rows: intervals, differences, tests. A share of no rows has the undefined interval. */
public final class Proportions {
    private Proportions() {}

    /** @param z the statistic; 0 when it cannot be computed, then p is 1 */
    public record Test(double z, double p) {}

    /** Wilson's score interval. */
    public static Interval wilson(double k, double n, double confidence) {
        if (!(n > 0)) {
            return Interval.undefined(0);
        }
        double z = ChiSquare.normalQuantile(confidence);
        double p = k / n;
        double centre = (p + z * z / (2 * n)) / (1 + z * z / n);
        double half = z / (1 + z * z / n) * Math.sqrt(p * (1 - p) / n + z * z / (4 * n * n));
        return new Interval(
                p, Math.max(0, centre - half), Math.min(1, centre + half), (int) Math.min(Integer.MAX_VALUE, n));
    }

    /** The exact (conservative) interval. */
    public static Interval clopperPearson(long k, long n, double confidence) {
        if (n <= 0) {
            return Interval.undefined(0);
        }
        double tail = (1 - confidence) / 2;
        double low = k == 0 ? 0 : BetaDistribution.of(k, n - k + 1.0).inverseCumulativeProbability(tail);
        double high = k == n ? 1 : BetaDistribution.of(k + 1.0, n - k).inverseSurvivalProbability(tail);
        return new Interval((double) k / n, low, high, (int) Math.min(Integer.MAX_VALUE, n));
    }

    /** Newcombe's hybrid interval of k1/n1 - k2/n2. */
    public static Interval newcombe(double k1, double n1, double k2, double n2, double confidence) {
        if (!(n1 > 0) || !(n2 > 0)) {
            return Interval.undefined(0);
        }
        Interval a = wilson(k1, n1, confidence);
        Interval b = wilson(k2, n2, confidence);
        double difference = a.estimate() - b.estimate();
        double low = difference - Math.hypot(a.estimate() - a.low(), b.high() - b.estimate());
        double high = difference + Math.hypot(a.high() - a.estimate(), b.estimate() - b.low());
        return new Interval(difference, low, high, a.clusters() + b.clusters());
    }

    /** Pooled two-proportion z test, two-sided. */
    public static Test difference(double k1, double n1, double k2, double n2) {
        double pooled = (k1 + k2) / (n1 + n2);
        double error = Math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2));
        if (!(error > 0) || Double.isInfinite(error)) {
            return new Test(0, 1);
        }
        double z = (k1 / n1 - k2 / n2) / error;
        return new Test(z, ChiSquare.normalTwoSided(z));
    }

    /** How likely at least {@code k} of {@code n} independent rows are when each has probability {@code share} (exact binomial). */
    public static double atLeast(long k, long n, double share) {
        if (k < 0 || k > n || !(share > 0 && share < 1)) {
            throw new IllegalArgumentException(
                    k + " of " + n + " rows at a share of " + share + ": 0 <= k <= n and 0 < share < 1 are needed");
        }
        return k == 0 ? 1 : BetaDistribution.of(k, n - k + 1.0).cumulativeProbability(share);
    }

    /** Cohen's h: difference of the arcsine-transformed shares. */
    public static double cohenH(double p1, double p2) {
        return 2 * Math.asin(Math.sqrt(p1)) - 2 * Math.asin(Math.sqrt(p2));
    }

    /** Two-sided p of an observed count where {@code expected} was expected (Poisson): min(1, 2 min(P(X<=k), P(X>=k))). */
    public static double poissonVolume(double expected, long observed) {
        if (expected <= 0) {
            return observed == 0 ? 1 : 0;
        }
        double upTo = RegularizedGamma.Q.value(observed + 1.0, expected);
        double from = observed == 0 ? 1 : RegularizedGamma.P.value(observed, expected);
        return Math.min(1, 2 * Math.min(upTo, from));
    }
}
