package dev.perennial.statistics;

import java.util.Arrays;
import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.KolmogorovSmirnovTest;
import org.apache.commons.statistics.inference.PValueMethod;

/** The largest distance of two empirical distribution functions: value, p-values, bounds. Inputs are finite values in any order. */
public final class KolmogorovSmirnov {
    private KolmogorovSmirnov() {}

    /** D over all distinct pooled values, taken after all ties of a value are consumed; 0 when a side is empty. */
    public static double statistic(double[] reference, double[] current) {
        double[] x = sorted(reference);
        double[] y = sorted(current);
        double largest = 0;
        int i = 0;
        int j = 0;
        while (i < x.length && j < y.length) {
            double value = Math.min(x[i], y[j]);
            while (i < x.length && x[i] <= value) {
                i++;
            }
            while (j < y.length && y[j] <= value) {
                j++;
            }
            largest = Math.max(largest, Math.abs((double) i / x.length - (double) j / y.length));
        }
        return largest;
    }

    /** Exact p without ties, by counting lattice paths; O(n m). */
    public static double pExact(double[] reference, double[] current) {
        return p(PValueMethod.EXACT, reference, current);
    }

    /** p from the one-sample distribution with round(n m / (n + m)) values: closer to the exact one than the limit. */
    public static double pFinite(double[] reference, double[] current) {
        return p(PValueMethod.ASYMPTOTIC, reference, current);
    }

    private static double p(PValueMethod method, double[] reference, double[] current) {
        return KolmogorovSmirnovTest.withDefaults()
                .with(method)
                .with(AlternativeHypothesis.TWO_SIDED)
                .test(reference, current)
                .getPValue();
    }

    /** p from the limit law of sqrt(n_e) D. */
    public static double pLimit(double d, double n, double m) {
        double z = Math.sqrt(ToleranceTest.effectiveSize(n, m)) * d;
        if (z < 1e-9) {
            return 1;
        }
        if (z < 1.18) {
            double sum = 0;
            for (int k = 1; k <= 7; k += 2) {
                sum += Math.exp(-k * k * Math.PI * Math.PI / (8 * z * z));
            }
            return 1 - Math.sqrt(2 * Math.PI) / z * sum;
        }
        double sum = 0;
        for (int k = 1; k <= 20; k++) {
            sum += (k % 2 == 1 ? 2 : -2) * Math.exp(-2.0 * k * k * z * z);
        }
        return Math.max(0, sum);
    }

    /** sqrt(-ln(alpha / 2) / 2): 1.3581 for 0.05. */
    public static double coefficient(double alpha) {
        return Math.sqrt(-Math.log(alpha / 2) / 2);
    }

    public static double critical(double n, double m, double alpha) {
        return coefficient(alpha) * Math.sqrt(1 / n + 1 / m);
    }

    /** What D certainly exceeds at confidence 1 - alpha. */
    public static double lowerBound(double d, double n, double m, double alpha) {
        return Math.max(0, d - critical(n, m, alpha));
    }

    /** Equal sample sizes at which a distance of d is just detectable. */
    public static long sizeToDetect(double d, double alpha) {
        double ratio = coefficient(alpha) / d;
        return (long) Math.ceil(2 * ratio * ratio);
    }

    /** Bounds of D when only counts in common ordered bins are kept. */
    public static Interval boundsFromBins(double[] reference, double[] current) {
        double n = BinScores.sum(reference);
        double m = BinScores.sum(current);
        if (n == 0 || m == 0) {
            return Interval.undefined(0);
        }
        double low = 0;
        double high = 0;
        double f = 0;
        double g = 0;
        for (int i = 0; i < reference.length; i++) {
            double nextF = f + reference[i] / n;
            double nextG = g + current[i] / m;
            low = Math.max(low, Math.abs(nextF - nextG));
            high = Math.max(high, Math.max(nextF - g, nextG - f));
            f = nextF;
            g = nextG;
        }
        return new Interval(low, low, Math.min(1, Math.max(low, high)), 0);
    }

    private static double[] sorted(double[] values) {
        double[] copy = values.clone();
        Arrays.sort(copy);
        return copy;
    }
}
