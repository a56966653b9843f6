package dev.perennial.statistics;

import java.util.Arrays;

/** Isotonic regression: the non-decreasing step function nearest to the data, linear between distinct x, constant outside. */
public final class Isotonic {
    private final double[] x;
    private final double[] fitted;

    private Isotonic(double[] x, double[] fitted) {
        this.x = x;
        this.fitted = fitted;
    }

    /** Fits by pooling adjacent violators; equal x are merged to their mean first. Needs at least one pair. */
    public static Isotonic fit(double[] x, double[] y) {
        if (x.length == 0) {
            throw new IllegalArgumentException("no pairs to fit; isotonic regression needs at least one");
        }
        int[] order = Ranks.order(x);
        double[] distinct = new double[x.length];
        double[] sums = new double[x.length];
        double[] weights = new double[x.length];
        int n = 0;
        for (int i : order) {
            if (n == 0 || distinct[n - 1] != x[i]) {
                distinct[n++] = x[i];
            }
            sums[n - 1] += y[i];
            weights[n - 1]++;
        }
        int[] from = new int[n];
        double[] blockSums = new double[n];
        double[] blockWeights = new double[n];
        int blocks = 0;
        for (int i = 0; i < n; i++) {
            from[blocks] = i;
            blockSums[blocks] = sums[i];
            blockWeights[blocks++] = weights[i];
            while (blocks > 1
                    && blockSums[blocks - 2] / blockWeights[blocks - 2]
                            >= blockSums[blocks - 1] / blockWeights[blocks - 1]) {
                blocks--;
                blockSums[blocks - 1] += blockSums[blocks];
                blockWeights[blocks - 1] += blockWeights[blocks];
            }
        }
        double[] fitted = new double[n];
        for (int b = 0; b < blocks; b++) {
            Arrays.fill(fitted, from[b], b + 1 < blocks ? from[b + 1] : n, blockSums[b] / blockWeights[b]);
        }
        return new Isotonic(Arrays.copyOf(distinct, n), fitted);
    }

    public double predict(double value) {
        int at = Ranks.below(x, value);
        if (at == 0) {
            return fitted[0];
        }
        if (at == x.length) {
            return fitted[at - 1];
        }
        double share = (value - x[at - 1]) / (x[at] - x[at - 1]);
        return fitted[at - 1] + share * (fitted[at] - fitted[at - 1]);
    }

    public double[] x() {
        return x.clone();
    }

    public double[] fitted() {
        return fitted.clone();
    }
}
