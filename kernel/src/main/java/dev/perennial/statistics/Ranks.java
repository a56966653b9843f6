package dev.perennial.statistics;

import java.util.Arrays;

/** Ranks with ties, and correlations of ranks. */
public final class Ranks {
    private Ranks() {}

    /** Mid-ranks from 1, in the order of the values. */
    public static double[] midranks(double[] values) {
        int[] order = order(values);
        double[] ranks = new double[values.length];
        for (int from = 0; from < order.length; ) {
            int to = from;
            while (to < order.length && values[order[to]] == values[order[from]]) {
                to++;
            }
            for (int i = from; i < to; i++) {
                ranks[order[i]] = (from + 1 + to) / 2.0;
            }
            from = to;
        }
        return ranks;
    }

    /** Spearman's correlation; undefined when a side is constant. */
    public static Metric spearman(double[] x, double[] y) {
        double[] a = midranks(x);
        double[] b = midranks(y);
        double mean = (x.length + 1) / 2.0;
        double xy = 0;
        double xx = 0;
        double yy = 0;
        for (int i = 0; i < a.length; i++) {
            xy += (a[i] - mean) * (b[i] - mean);
            xx += (a[i] - mean) * (a[i] - mean);
            yy += (b[i] - mean) * (b[i] - mean);
        }
        return Metric.quotient(xy, Math.sqrt(xx * yy), "a side is constant");
    }

    /** Kendall's tau-b, O(n^2); undefined when a side is constant. */
    public static Metric kendallTauB(double[] x, double[] y) {
        double agreeing = 0;
        double inX = 0;
        double inY = 0;
        for (int i = 0; i < x.length; i++) {
            for (int j = i + 1; j < x.length; j++) {
                double dx = Math.signum(x[i] - x[j]);
                double dy = Math.signum(y[i] - y[j]);
                agreeing += dx * dy;
                inX += dx * dx;
                inY += dy * dy;
            }
        }
        return Metric.quotient(agreeing, Math.sqrt(inX * inY), "a side is constant");
    }

    /** How many of the sorted values lie below. */
    static int below(double[] sorted, double value) {
        int low = 0;
        int high = sorted.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sorted[middle] < value) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** How many of the sorted values lie below or are equal. */
    static int upTo(double[] sorted, double value) {
        return below(sorted, Math.nextUp(value));
    }

    /** Indices in ascending order of values; equal values keep their order. */
    static int[] order(double[] values) {
        Integer[] boxed = new Integer[values.length];
        Arrays.setAll(boxed, i -> i);
        Arrays.sort(boxed, (i, j) -> Double.compare(values[i], values[j]));
        int[] order = new int[boxed.length];
        Arrays.setAll(order, i -> boxed[i]);
        return order;
    }
}
