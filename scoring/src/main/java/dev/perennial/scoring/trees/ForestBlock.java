package dev.perennial.scoring.trees;

/**
 * Some rows on their way through a forest: tree after tree, four rows at a time, so that a tree's nodes are near while all rows of the
 * block pass. Belongs to one call.
 */
final class ForestBlock {
    /** Slots of a block; beyond this the rows would drive the trees out of the first-level cache. */
    private static final int SLOTS = 6 * 1024;

    private static final int ROWS_MAX = 256;

    private final Forest forest;
    private final int[] classOf;
    private final int classes;
    private final boolean floats;
    private final int width;
    private final int rows;
    private final int[] slots;
    private final double[] sums;

    /** @param wanted rows of the whole batch: the block is no larger than that */
    ForestBlock(Forest forest, int[] classOf, int classes, boolean floats, int wanted) {
        this.forest = forest;
        this.classOf = classOf;
        this.classes = classes;
        this.floats = floats;
        this.width = forest.layout.width();
        int most = Math.clamp(SLOTS / width, Forest.LANES, ROWS_MAX) & -Forest.LANES;
        this.rows = Math.min(most, (wanted + Forest.LANES - 1) & -Forest.LANES);
        this.slots = new int[rows * width];
        this.sums = new double[rows * classes];
    }

    /** Rows that fit, a multiple of the lanes. */
    int rows() {
        return rows;
    }

    /** Sets a row of the block. */
    void row(int at, double[] row) {
        forest.layout.fill(row, slots, at * width);
    }

    /**
     * Sums the leaves of the first rows; what stands in rows behind them up to a multiple of the lanes is computed too.
     *
     * @param base by class what a sum starts with
     * @return by row and class, valid until the next call
     */
    double[] sums(int count, double[] base) {
        int filled = Math.min(rows, (count + Forest.LANES - 1) & -Forest.LANES);
        for (int i = 0; i < filled * classes; i += classes) {
            System.arraycopy(base, 0, sums, i, classes);
        }
        for (int tree = 0; tree < forest.trees(); tree++) {
            if (forest.steps[tree] == Forest.PLAIN) {
                plain(tree, filled);
            } else {
                four(forest.roots[tree], forest.steps[tree], classOf[tree], filled);
            }
        }
        return sums;
    }

    private void plain(int tree, int filled) {
        for (int row = 0; row < filled; row++) {
            add(row * classes + classOf[tree], forest.plain(forest.roots[tree], slots, row * width));
        }
    }

    private void four(int root, int steps, int of, int filled) {
        int[] node = forest.nodes;
        int[] slot = slots;
        double[] leaves = forest.leaves;
        for (int row = 0; row < filled; row += Forest.LANES) {
            int ra = row * width;
            int rb = ra + width;
            int rc = rb + width;
            int rd = rc + width;
            int a = root;
            int b = root;
            int c = root;
            int d = root;
            for (int step = steps; step > 0; step--) {
                a = next(node, slot, a, ra);
                b = next(node, slot, b, rb);
                c = next(node, slot, c, rc);
                d = next(node, slot, d, rd);
            }
            int at = row * classes + of;
            add(at, leaves[a / Forest.STRIDE]);
            add(at + classes, leaves[b / Forest.STRIDE]);
            add(at + 2 * classes, leaves[c / Forest.STRIDE]);
            add(at + 3 * classes, leaves[d / Forest.STRIDE]);
        }
    }

    private static int next(int[] node, int[] slot, int at, int row) {
        return node[at + Forest.LEFT]
                + Forest.goesRight(node[at + Forest.LAST_LEFT], slot[row + node[at + Forest.SLOT]]) * Forest.STRIDE;
    }

    private void add(int at, double leaf) {
        double sum = sums[at] + leaf;
        sums[at] = floats ? (float) sum : sum;
    }
}
