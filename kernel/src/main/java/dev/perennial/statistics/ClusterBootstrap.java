package dev.perennial.statistics;

import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * Intervals for rows that come in clusters (days, shops, patients) which share causes: whole clusters are drawn with replacement, never
 * rows. Works on per-cluster sums, so the state merges by addition and a replicate costs one addition for each cluster.
 *
 * <p>Which one to use: {@link #ratio} (percentiles) from about 20 clusters on; below that its interval is too narrow, take {@link
 * #studentized} (bootstrap-t) or {@link #tInterval} (t with k - 1 degrees of freedom on linearised cluster residuals). All are
 * deterministic in the seed and in the order of the clusters.
 */
public final class ClusterBootstrap {
    /** Enough for a 95 % interval: the Monte Carlo error of a bound is then about 3 % of the interval's width. */
    public static final int REPLICATES = 2_000;

    private ClusterBootstrap() {}

    /**
     * Percentile interval of a ratio of sums, such as total loss over total rows.
     *
     * @param sums numerator of each cluster
     * @param weights denominator of each cluster, not negative
     * @param confidence two-sided, 0.95 for bounds at 2.5 and 97.5 %
     */
    public static Interval ratio(double[] sums, double[] weights, long seed, int replicates, double confidence) {
        requireSameLength(sums, weights);
        int k = sums.length;
        double estimate = ratioOf(sums, weights);
        if (k < 2 || Double.isNaN(estimate)) {
            return alone(estimate, k);
        }
        Seeded random = new Seeded(seed);
        double[] values = new double[replicates];
        for (int r = 0; r < replicates; r++) {
            double sum = 0;
            double weight = 0;
            for (int i = 0; i < k; i++) {
                int drawn = random.below(k);
                sum += sums[drawn];
                weight += weights[drawn];
            }
            values[r] = sum / weight;
        }
        return percentiles(estimate, values, k, confidence);
    }

    /** As {@link #ratio(double[], double[], long, int, double)} with {@link #REPLICATES}. */
    public static Interval ratio(double[] sums, double[] weights, long seed, double confidence) {
        return ratio(sums, weights, seed, REPLICATES, confidence);
    }

    /**
     * Percentile interval of any statistic of whole clusters.
     *
     * @param statisticOfDraw gets how often each cluster was drawn (its length is {@code clusters}, its sum too; all ones for the estimate)
     *     and must not keep the array; NaN for a draw in which the statistic is undefined (such draws are left out)
     */
    public static Interval statistic(
            int clusters, ToDoubleFunction<int[]> statisticOfDraw, long seed, int replicates, double confidence) {
        int[] draw = new int[clusters];
        Arrays.fill(draw, 1);
        double estimate = clusters == 0 ? Double.NaN : statisticOfDraw.applyAsDouble(draw);
        if (clusters < 2 || Double.isNaN(estimate)) {
            return alone(estimate, clusters);
        }
        Seeded random = new Seeded(seed);
        double[] values = new double[replicates];
        for (int r = 0; r < replicates; r++) {
            Arrays.fill(draw, 0);
            for (int i = 0; i < clusters; i++) {
                draw[random.below(clusters)]++;
            }
            values[r] = statisticOfDraw.applyAsDouble(draw);
        }
        return percentiles(estimate, values, clusters, confidence);
    }

    /** Bootstrap-t interval of a ratio of sums: for few clusters. Draws without spread (one cluster only) are left out. */
    public static Interval studentized(double[] sums, double[] weights, long seed, int replicates, double confidence) {
        requireSameLength(sums, weights);
        int k = sums.length;
        double estimate = ratioOf(sums, weights);
        double error = standardError(sums, weights);
        if (k < 2 || Double.isNaN(estimate)) {
            return alone(estimate, k);
        }
        if (error == 0) {
            return new Interval(estimate, estimate, estimate, k);
        }
        Seeded random = new Seeded(seed);
        double[] drawnSums = new double[k];
        double[] drawnWeights = new double[k];
        double[] values = new double[replicates];
        for (int r = 0; r < replicates; r++) {
            for (int i = 0; i < k; i++) {
                int drawn = random.below(k);
                drawnSums[i] = sums[drawn];
                drawnWeights[i] = weights[drawn];
            }
            double drawnError = standardError(drawnSums, drawnWeights);
            values[r] =
                    drawnError > error * 1e-9 ? (ratioOf(drawnSums, drawnWeights) - estimate) / drawnError : Double.NaN;
        }
        Interval t = percentiles(0, values, k, confidence);
        return new Interval(estimate, estimate - t.high() * error, estimate - t.low() * error, k);
    }

    /** Interval of a ratio of sums by the t distribution with k - 1 degrees of freedom; needs no random numbers. */
    public static Interval tInterval(double[] sums, double[] weights, double confidence) {
        requireSameLength(sums, weights);
        int k = sums.length;
        double estimate = ratioOf(sums, weights);
        if (k < 2 || Double.isNaN(estimate)) {
            return alone(estimate, k);
        }
        double half =
                TDistribution.of(k - 1).inverseSurvivalProbability((1 - confidence) / 2) * standardError(sums, weights);
        return new Interval(estimate, estimate - half, estimate + half, k);
    }

    /** Standard error of a ratio of sums with clusters as the sample: sqrt(k / (k - 1) * sum of (s - r w)^2) / sum of w. */
    public static double standardError(double[] sums, double[] weights) {
        int k = sums.length;
        double ratio = ratioOf(sums, weights);
        double total = 0;
        double squares = 0;
        for (int i = 0; i < k; i++) {
            double residual = sums[i] - ratio * weights[i];
            squares += residual * residual;
            total += weights[i];
        }
        return k < 2 ? Double.NaN : Math.sqrt(squares * k / (k - 1.0)) / total;
    }

    private static double ratioOf(double[] sums, double[] weights) {
        double sum = 0;
        double weight = 0;
        for (int i = 0; i < sums.length; i++) {
            sum += sums[i];
            weight += weights[i];
        }
        return weight > 0 ? sum / weight : Double.NaN;
    }

    /** One cluster says nothing about the spread between clusters. */
    private static Interval alone(double estimate, int clusters) {
        return new Interval(estimate, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, clusters);
    }

    private static Interval percentiles(double estimate, double[] values, int clusters, double confidence) {
        Arrays.sort(values);
        int defined = values.length;
        while (defined > 0 && Double.isNaN(values[defined - 1])) {
            defined--;
        }
        if (defined < values.length / 2 || defined == 0) {
            return alone(estimate, clusters);
        }
        double tail = (1 - confidence) / 2;
        return new Interval(estimate, quantile(values, defined, tail), quantile(values, defined, 1 - tail), clusters);
    }

    private static double quantile(double[] sorted, int n, double at) {
        double position = at * (n - 1);
        int below = (int) Math.floor(position);
        double next = sorted[Math.min(below + 1, n - 1)];
        return sorted[below] + (position - below) * (next - sorted[below]);
    }

    private static void requireSameLength(double[] sums, double[] weights) {
        if (sums.length != weights.length) {
            throw new IllegalArgumentException(
                    sums.length + " sums but " + weights.length + " weights: one of each for a cluster");
        }
    }
}
