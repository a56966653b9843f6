package dev.perennial.statistics;

import java.util.Arrays;

/** Adaptive windowing over values that are all kept: every cut is tried, oldest first. O(window) for each check. */
public final class Adwin {
    private final double delta;
    private final int minSubwindow;
    private final int limit;
    private double[] window = new double[64];
    private int size;

    /** @param limit values kept at most; the oldest half is dropped beyond it */
    public Adwin(double delta, int minSubwindow, int limit) {
        this.delta = delta;
        this.minSubwindow = minSubwindow;
        this.limit = limit;
    }

    /** The largest difference of means of two sub-windows that chance explains. */
    public static double epsilonCut(double n0, double n1, double variance, double width, double delta) {
        double reciprocal = 1 / n0 + 1 / n1;
        double log = Math.log(2 * Math.log(width) / delta);
        return Math.sqrt(2 * reciprocal * variance * log) + 2.0 / 3 * reciprocal * log;
    }

    /** Takes the next value; the index in the window of the first cut that shows a change (the older part is dropped), or -1. */
    public int update(double x) {
        if (size >= limit) {
            drop(size / 2);
        }
        if (size == window.length) {
            window = Arrays.copyOf(window, size * 2);
        }
        window[size++] = x;
        Moments all = Moments.of(window, 0, size);
        double before = 0;
        for (int cut = 1; cut <= size - minSubwindow; cut++) {
            before += window[cut - 1];
            if (cut >= minSubwindow) {
                double rest = size - cut;
                double gap = Math.abs(before / cut - (all.mean() * size - before) / rest);
                if (gap > epsilonCut(cut, rest, all.populationVariance(), size, delta)) {
                    drop(cut);
                    return cut;
                }
            }
        }
        return -1;
    }

    public int size() {
        return size;
    }

    private void drop(int count) {
        System.arraycopy(window, count, window, 0, size - count);
        size -= count;
    }
}
