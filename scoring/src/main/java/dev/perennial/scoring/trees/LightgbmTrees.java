package dev.perennial.scoring.trees;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the blocks of trees of a LightGBM text model. Its splits and leaves are numbered apart (a child below zero is a leaf, counted
 * from -1 downwards); here the leaves follow the splits.
 */
final class LightgbmTrees {
    private static final Refusal REFUSAL = Refusal.LIGHTGBM;
    private static final double[] NONE = {};
    private static final int CATEGORICAL = 1;
    private static final int DEFAULT_LEFT = 2;
    private static final int MISSING_SHIFT = 2;
    private static final int MISSING_MASK = 3;
    private static final int NO_MISSING = 0;
    private static final int ZERO = 1;
    private static final int NAN = 2;

    private final Numbers numbers;
    private final CategorySets sets;
    private final List<Tree> trees = new ArrayList<>();
    private final Map<String, double[]> block = new HashMap<>();
    private int nodes;

    LightgbmTrees(Numbers numbers, CategorySets sets) {
        this.numbers = numbers;
        this.sets = sets;
    }

    /** Reads from the line of the first tree to {@code end of trees}; false when that is missing. */
    boolean read(TextLines lines) {
        boolean open = false;
        do {
            String word = lines.word();
            if (word.equals("Tree") || word.equals("end of trees")) {
                if (open) {
                    finish();
                }
                open = true;
                if (word.equals("end of trees")) {
                    sets.trim();
                    return true;
                }
            } else {
                member(lines, word);
            }
        } while (lines.next());
        return false;
    }

    /** The trees, once it is known how many features there are. */
    List<Tree> checked(int features) {
        for (int t = 0; t < trees.size(); t++) {
            Shape.of(trees.get(t), t, features, REFUSAL);
        }
        return trees;
    }

    private void member(TextLines lines, String word) {
        switch (word) {
            case "num_leaves",
                    "split_feature",
                    "threshold",
                    "decision_type",
                    "left_child",
                    "right_child",
                    "leaf_value",
                    "cat_boundaries",
                    "cat_threshold",
                    "is_linear" -> {
                lines.numbers(numbers);
                if (block.put(word, numbers.toDoubles()) != null) {
                    throw REFUSAL.of("'" + word + "' of tree " + trees.size() + " stands twice");
                }
            }
            default -> {}
        }
    }

    private double[] taken(String word) {
        double[] values = block.get(word);
        return values == null ? NONE : values;
    }

    private int[] wholes(String word) {
        double[] values = taken(word);
        int[] whole = new int[values.length];
        for (int i = 0; i < whole.length; i++) {
            whole[i] = (int) values[i];
            if (whole[i] != values[i]) {
                throw REFUSAL.of("'" + word + "' of tree " + trees.size() + " holds " + values[i]
                        + ", which is no whole number of 32 bits");
            }
        }
        return whole;
    }

    private void finish() {
        if (trees.size() >= Bounds.TREES_MAX) {
            throw REFUSAL.of("more than " + Bounds.TREES_MAX + " trees");
        }
        if (Arrays.stream(taken("is_linear")).anyMatch(linear -> linear != 0)) {
            throw REFUSAL.of("tree " + trees.size() + " has linear leaves, which are not supported");
        }
        Tree tree = tree();
        nodes += tree.size();
        if (nodes > Bounds.NODES_MAX) {
            throw REFUSAL.of("more than " + Bounds.NODES_MAX + " nodes");
        }
        trees.add(tree);
        block.clear();
    }

    private Tree tree() {
        double[] leaves = taken("leaf_value");
        int[] lefts = wholes("left_child");
        int[] rights = wholes("right_child");
        int[] features = wholes("split_feature");
        int[] decisions = wholes("decision_type");
        double[] thresholds = taken("threshold");
        int splits = leaves.length - 1;
        double[] count = taken("num_leaves");
        if (leaves.length == 0
                || count.length != 1
                || count[0] != leaves.length
                || lefts.length != splits
                || rights.length != splits
                || features.length != splits
                || decisions.length != splits
                || thresholds.length != splits) {
            throw REFUSAL.of("the arrays of tree " + trees.size() + " are missing, empty or differ in length");
        }
        int size = splits + leaves.length;
        Tree tree = new Tree(
                nodes(lefts, splits),
                nodes(rights, splits),
                Arrays.copyOf(features, size),
                new double[size],
                new byte[size]);
        int[] boundaries = wholes("cat_boundaries");
        for (int i = 0; i < splits; i++) {
            tree.kinds()[i] = kind(decisions[i]);
            tree.values()[i] = tree.categorical(i) ? set(boundaries, thresholds[i]) : thresholds[i];
        }
        System.arraycopy(leaves, 0, tree.values(), splits, leaves.length);
        return tree;
    }

    /** Children by their place among splits and leaves; a leaf has none. */
    private static int[] nodes(int[] children, int splits) {
        int[] nodes = new int[2 * splits + 1];
        Arrays.fill(nodes, -1);
        for (int i = 0; i < splits; i++) {
            int child = children[i] >= 0 ? children[i] : splits + ~children[i];
            boolean inside = children[i] >= 0 ? children[i] < splits : ~children[i] <= splits;
            nodes[i] = inside ? child : Integer.MAX_VALUE;
        }
        return nodes;
    }

    private byte kind(int decision) {
        int missing = decision >> MISSING_SHIFT & MISSING_MASK;
        if ((decision & CATEGORICAL) != 0) {
            return Tree.CATEGORICAL | Tree.NAN_IS_MISSING; // and goes right, whatever else stands there
        }
        int kind = switch (missing) {
            case NO_MISSING -> 0;
            case ZERO -> Tree.MISSING;
            case NAN -> Tree.NAN_IS_MISSING;
            default -> throw REFUSAL.of("tree " + trees.size() + " has the decision type " + decision);
        };
        return (byte) (kind | ((decision & DEFAULT_LEFT) != 0 ? Tree.MISSING_LEFT : 0));
    }

    private int set(int[] boundaries, double index) {
        int at = (int) index;
        boolean inside = at == index
                && at >= 0
                && at < boundaries.length - 1
                && boundaries[at] >= 0
                && boundaries[at] <= boundaries[at + 1]
                && boundaries[at + 1] <= taken("cat_threshold").length;
        if (!inside) {
            throw REFUSAL.of("the category sets of tree " + trees.size() + " do not fit together");
        }
        return sets.addBits(words(boundaries[at], boundaries[at + 1]));
    }

    private int[] words(int from, int to) {
        double[] all = taken("cat_threshold");
        int[] words = new int[to - from];
        for (int i = 0; i < words.length; i++) {
            long word = (long) all[from + i];
            if (word != all[from + i] || word < 0 || word >> Integer.SIZE != 0) {
                throw REFUSAL.of("'cat_threshold' of tree " + trees.size() + " holds " + all[from + i]
                        + ", which is no set of 32 bits");
            }
            words[i] = (int) word;
        }
        return words;
    }
}
