package dev.perennial.scoring.trees;

import java.util.Arrays;

/**
 * What a walk over a tree found out.
 *
 * @param order the nodes that can be reached, the root first, both children of a split side by side
 * @param depth splits on the longest way
 */
record Shape(int[] order, int depth) {
    /**
     * Walks a tree once, breadth first.
     *
     * @throws dev.perennial.kernel.PerennialException when it is none, is too deep, or holds a number that is none
     */
    static Shape of(Tree tree, int number, int features, Refusal refusal) {
        int size = tree.size();
        for (int node = 0; node < size; node++) {
            checkNumbers(tree, number, node, features, refusal);
        }
        int[] depths = new int[size];
        int[] order = new int[size];
        int end = 1;
        int deepest = 0;
        for (int at = 0; at < end; at++) {
            int node = order[at];
            if (tree.leaf(node)) {
                continue;
            }
            int below = depths[node] + 1;
            if (below > Bounds.DEPTH_MAX) {
                throw refusal.of("tree " + number + " is deeper than " + Bounds.DEPTH_MAX);
            }
            for (int side = 0; side < 2; side++) {
                int child = side == 0 ? tree.lefts()[node] : tree.rights()[node];
                if (child <= 0 || child >= size || depths[child] != 0) {
                    throw refusal.of("node " + node + " of tree " + number + " has child " + child
                            + ", which is outside or used twice");
                }
                depths[child] = below;
                order[end++] = child;
            }
            deepest = Math.max(deepest, below);
        }
        return new Shape(end == size ? order : Arrays.copyOf(order, end), deepest);
    }

    private static void checkNumbers(Tree tree, int number, int node, int features, Refusal refusal) {
        double value = tree.values()[node];
        if (tree.leaf(node)) {
            if (!Double.isFinite(value)) {
                throw refusal.of("leaf " + node + " of tree " + number + " has the value " + value);
            }
            return;
        }
        if (Double.isNaN(value)) {
            throw refusal.of("node " + node + " of tree " + number + " splits at NaN");
        }
        int feature = tree.features()[node];
        if (feature < 0 || feature >= features) {
            throw refusal.of("tree " + number + " splits on feature " + feature + " of " + features);
        }
    }
}
