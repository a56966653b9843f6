package dev.perennial.statistics;

import java.util.Arrays;

/**
 * Distances and rank tests of two raw samples of finite values, O(n log n). Where only binned state is kept use {@link BinScores} and
 * {@link KolmogorovSmirnov#boundsFromBins}.
 */
public final class SampleDistances {
    /** Largest pooled size for which all arrangements are enumerated. */
    public static final int EXACT_LIMIT = 24;

    private SampleDistances() {}

    /** Wasserstein-1: the area between the two distribution functions, in units of the values. */
    public static double wasserstein(double[] reference, double[] current) {
        return wasserstein(reference, ones(reference.length), current, ones(current.length));
    }

    /** Wasserstein-1 of weighted samples. */
    public static double wasserstein(
            double[] reference, double[] referenceWeights, double[] current, double[] currentWeights) {
        return area(reference, referenceWeights, current, currentWeights, false);
    }

    /** Wasserstein-1 over the population standard deviation of the reference; undefined for a constant reference. */
    public static Metric wassersteinNormalised(double[] reference, double[] current) {
        if (reference.length == 0 || current.length == 0) {
            return Metric.undefined("empty sample");
        }
        double sd = Math.sqrt(Moments.of(reference).populationVariance());
        return sd > 0 ? Metric.of(wasserstein(reference, current) / sd) : Metric.undefined("the reference is constant");
    }

    /** Energy distance sqrt(2 * integral of (F - G)^2); grows with the square root of the unit. */
    public static double energy(double[] reference, double[] current) {
        return Math.sqrt(2 * area(reference, ones(reference.length), current, ones(current.length), true));
    }

    /** Energy distance over the square root of the reference's standard deviation: free of the unit. */
    public static Metric energyNormalised(double[] reference, double[] current) {
        if (reference.length == 0 || current.length == 0) {
            return Metric.undefined("empty sample");
        }
        double sd = Math.sqrt(Moments.of(reference).populationVariance());
        return sd > 0
                ? Metric.of(energy(reference, current) / Math.sqrt(sd))
                : Metric.undefined("the reference is constant");
    }

    private static double area(double[] x, double[] wx, double[] y, double[] wy, boolean squared) {
        if (x.length == 0 || y.length == 0) {
            return 0;
        }
        double[][] a = sorted(x, wx);
        double[][] b = sorted(y, wy);
        double totalA = BinScores.sum(wx);
        double totalB = BinScores.sum(wy);
        double area = 0;
        double below = Double.NaN;
        double f = 0;
        double g = 0;
        int i = 0;
        int j = 0;
        while (i < a.length || j < b.length) {
            double value = Math.min(
                    i < a.length ? a[i][0] : Double.POSITIVE_INFINITY,
                    j < b.length ? b[j][0] : Double.POSITIVE_INFINITY);
            if (!Double.isNaN(below)) {
                double gap = f / totalA - g / totalB;
                area += (value - below) * (squared ? gap * gap : Math.abs(gap));
            }
            for (; i < a.length && a[i][0] <= value; i++) {
                f += a[i][1];
            }
            for (; j < b.length && b[j][0] <= value; j++) {
                g += b[j][1];
            }
            below = value;
        }
        return area;
    }

    /** Two-sample Anderson-Darling statistic by Scholz and Stephens, midrank version, standardised; critical at 5 %: 1.961. */
    public static Metric andersonDarling(double[] reference, double[] current) {
        int n = reference.length;
        int m = current.length;
        double all = n + m;
        if (n == 0 || m == 0 || all < 4) {
            return Metric.undefined("fewer than four values or an empty sample");
        }
        double[] x = sorted(reference);
        double[] y = sorted(current);
        double sumX = 0;
        double sumY = 0;
        int i = 0;
        int j = 0;
        while (i < n || j < m) {
            double value = Math.min(i < n ? x[i] : Double.POSITIVE_INFINITY, j < m ? y[j] : Double.POSITIVE_INFINITY);
            int fromI = i;
            int fromJ = j;
            for (; i < n && x[i] <= value; i++) {}
            for (; j < m && y[j] <= value; j++) {}
            double ties = i - fromI + j - fromJ;
            double middle = fromI + fromJ + ties / 2;
            double divisor = middle * (all - middle) - all * ties / 4;
            if (divisor > 0) {
                double dx = all * (i - (i - fromI) / 2.0) - middle * n;
                double dy = all * (j - (j - fromJ) / 2.0) - middle * m;
                sumX += ties / all * dx * dx / divisor;
                sumY += ties / all * dy * dy / divisor;
            }
        }
        double statistic = (sumX / n + sumY / m) * (all - 1) / all;
        return Metric.of((statistic - 1) / Math.sqrt(andersonDarlingVariance(n, m)));
    }

    private static double andersonDarlingVariance(int n, int m) {
        int all = n + m;
        double reciprocal = 1.0 / n + 1.0 / m;
        double h = 0;
        double g = 0;
        for (int i = all - 1; i > 1; i--) {
            h += 1.0 / i;
            g += h / (all + 1 - i);
        }
        h += 1;
        int k = 2;
        double a = (4 * g - 6) * (k - 1) + (10 - 6 * g) * reciprocal;
        double b = (2 * g - 4) * k * k + 8 * h * k + (2 * g - 14 * h - 4) * reciprocal - 8 * h + 4 * g - 6;
        double c = (6 * h + 2 * g - 2) * k * k + (4 * h - 4 * g + 6) * k + (2 * h - 6) * reciprocal + 4 * h;
        double d = (2 * h + 6) * k * k - 4 * h * k;
        double size = all;
        return (a * size * size * size + b * size * size + c * size + d) / ((size - 1) * (size - 2) * (size - 3));
    }

    /** Two-sample Cramer-von Mises statistic with midranks for ties. */
    public static double cramerVonMises(double[] reference, double[] current) {
        double n = reference.length;
        double m = current.length;
        if (n == 0 || m == 0) {
            return 0;
        }
        return cramerU(reference, current) / (n * m * (n + m)) - (4 * n * m - 1) / (6 * (n + m));
    }

    /** Exact p of the Cramer-von Mises statistic without ties; undefined above {@link #EXACT_LIMIT} pooled values. */
    public static Metric cramerVonMisesPExact(double[] reference, double[] current) {
        int n = reference.length;
        int m = current.length;
        if (n == 0 || m == 0 || n + m > EXACT_LIMIT) {
            return Metric.undefined("enumeration needs 1 to " + EXACT_LIMIT + " pooled values, got " + (n + m));
        }
        double observed = cramerU(reference, current) * (1 - 1e-12);
        long[] counts = new long[2];
        enumerate(n, m, 0, 0, 0, observed, counts);
        return Metric.of((double) counts[0] / counts[1]);
    }

    private static void enumerate(int n, int m, int i, int j, double u, double observed, long[] counts) {
        if (i == n && j == m) {
            counts[0] += u >= observed ? 1 : 0;
            counts[1]++;
            return;
        }
        int rank = i + j + 1;
        if (i < n) {
            double gap = rank - (i + 1.0);
            enumerate(n, m, i + 1, j, u + n * gap * gap, observed, counts);
        }
        if (j < m) {
            double gap = rank - (j + 1.0);
            enumerate(n, m, i, j + 1, u + m * gap * gap, observed, counts);
        }
    }

    private static double cramerU(double[] reference, double[] current) {
        double[] x = sorted(reference);
        double[] y = sorted(current);
        double u = 0;
        for (int i = 0; i < x.length; i++) {
            double gap = midrank(x[i], x, y) - (i + 1);
            u += x.length * gap * gap;
        }
        for (int j = 0; j < y.length; j++) {
            double gap = midrank(y[j], x, y) - (j + 1);
            u += y.length * gap * gap;
        }
        return u;
    }

    private static double midrank(double value, double[] x, double[] y) {
        int below = Ranks.below(x, value) + Ranks.below(y, value);
        int upTo = Ranks.upTo(x, value) + Ranks.upTo(y, value);
        return (below + upTo + 1) / 2.0;
    }

    private static double[] sorted(double[] values) {
        double[] copy = values.clone();
        Arrays.sort(copy);
        return copy;
    }

    private static double[][] sorted(double[] values, double[] weights) {
        double[][] pairs = new double[values.length][];
        for (int i = 0; i < values.length; i++) {
            pairs[i] = new double[] {values[i], weights[i]};
        }
        Arrays.sort(pairs, (p, q) -> Double.compare(p[0], q[0]));
        return pairs;
    }

    private static double[] ones(int n) {
        double[] ones = new double[n];
        Arrays.fill(ones, 1);
        return ones;
    }
}
