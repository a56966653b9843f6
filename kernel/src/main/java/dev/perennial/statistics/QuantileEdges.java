package dev.perennial.statistics;

import java.util.Arrays;

/**
 * Edges of equal-mass bins: type-7 quantiles at i/B. Positions are computed in integers, so that an integral position returns the order
 * statistic itself and the same data give the same edges everywhere.
 */
public final class QuantileEdges {
    private QuantileEdges() {}

    /** Inner edges (at most bins - 1, duplicates removed) of sorted finite values; none for no values. */
    public static double[] of(double[] sorted, int bins) {
        if (sorted.length == 0) {
            return new double[0];
        }
        double[] edges = new double[bins - 1];
        int n = 0;
        for (int i = 1; i < bins; i++) {
            long position = (long) i * (sorted.length - 1);
            int index = (int) (position / bins);
            long rest = position % bins;
            double edge = rest == 0 ? sorted[index] : between(sorted[index], sorted[index + 1], (double) rest / bins);
            if (n == 0 || edge > edges[n - 1]) {
                edges[n++] = edge;
            }
        }
        return Arrays.copyOf(edges, n);
    }

    /** Counts of right-closed bins (-inf, e1], (e1, e2], ..., (ek, inf). */
    public static long[] count(double[] edges, double[] values) {
        long[] counts = new long[edges.length + 1];
        for (double value : values) {
            counts[Ranks.below(edges, value)]++;
        }
        return counts;
    }

    private static double between(double low, double high, double share) {
        return low == high ? low : low + (high - low) * share;
    }
}
