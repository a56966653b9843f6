package dev.perennial.scoring.trees;

import java.util.Arrays;
import java.util.List;

/**
 * LightGBM compares doubles, and goes left at the threshold too: a number's integer is how many thresholds of its feature lie below it.
 * Numbers that LightGBM takes for zero are zero. Costs a binary search for each number of a row, and saves half of each node.
 */
final class RankScale implements Scale {
    /** LightGBM's own bound, a float. */
    static final double ZERO = 1e-35f;

    private static final double[] NONE = {};

    private final double[][] thresholds;

    RankScale(List<Tree> trees, int features) {
        int[] counts = new int[features];
        each(trees, (feature, threshold) -> counts[feature]++);
        thresholds = new double[features][];
        for (int i = 0; i < features; i++) {
            thresholds[i] = counts[i] == 0 ? NONE : new double[counts[i]];
        }
        Arrays.fill(counts, 0);
        each(trees, (feature, threshold) -> thresholds[feature][counts[feature]++] = threshold);
        for (int i = 0; i < features; i++) {
            thresholds[i] = distinct(thresholds[i]);
        }
    }

    private interface Each {
        void threshold(int feature, double threshold);
    }

    private static void each(List<Tree> trees, Each each) {
        for (Tree tree : trees) {
            for (int node = 0; node < tree.size(); node++) {
                if (!tree.leaf(node) && !tree.categorical(node)) {
                    each.threshold(tree.features()[node], tree.values()[node] + 0.0);
                }
            }
        }
    }

    private static double[] distinct(double[] values) {
        Arrays.sort(values);
        int kept = 0;
        for (double value : values) {
            if (kept == 0 || values[kept - 1] != value) {
                values[kept++] = value;
            }
        }
        return Arrays.copyOf(values, kept);
    }

    @Override
    public int level(int feature, double value) {
        double number = Math.abs(value) <= ZERO ? 0 : value;
        double[] sorted = thresholds[feature];
        int below = 0;
        for (int rest = sorted.length; rest > 0; ) {
            int half = rest + 1 >>> 1;
            below += sorted[below + half - 1] < number ? half : 0;
            rest -= half;
        }
        return below;
    }

    @Override
    public int lastLeft(int feature, double threshold) {
        return Arrays.binarySearch(thresholds[feature], threshold + 0.0);
    }

    @Override
    public int code(double value) {
        return value <= -1 || value > Integer.MAX_VALUE ? -1 : (int) value;
    }
}
