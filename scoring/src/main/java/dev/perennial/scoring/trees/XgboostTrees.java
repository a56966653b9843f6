package dev.perennial.scoring.trees;

import dev.perennial.kernel.PerennialException;
import java.util.ArrayList;
import java.util.List;

/** Reads the trees of an XGBoost model: arrays with one number for each node. */
final class XgboostTrees {
    private static final Refusal REFUSAL = Refusal.XGBOOST;
    private static final int[] NONE = {};
    private static final int CATEGORICAL = 1;

    private final Numbers numbers;
    private final CategorySets sets;
    private final List<Tree> trees = new ArrayList<>();
    private int nodes;

    /** The arrays of one tree. */
    private static final class Columns {
        private int[] lefts = NONE;
        private int[] rights = NONE;
        private int[] splits = NONE;
        private int[] defaults = NONE;
        private int[] types = NONE;
        private double[] conditions = {};
        private int[] setNodes = NONE;
        private int[] setStarts = NONE;
        private int[] setSizes = NONE;
        private int[] codes = NONE;
    }

    XgboostTrees(Numbers numbers, CategorySets sets) {
        this.numbers = numbers;
        this.sets = sets;
    }

    /** Reads the array of trees. */
    void read(Tokens tokens) {
        tokens.beginArray();
        while (tokens.element()) {
            if (trees.size() >= Bounds.TREES_MAX) {
                throw REFUSAL.of("more than " + Bounds.TREES_MAX + " trees");
            }
            Columns arrays = new Columns();
            tokens.beginObject();
            for (String name = tokens.name(); name != null; name = tokens.name()) {
                member(tokens, arrays, name);
            }
            trees.add(tree(arrays, trees.size()));
            nodes += arrays.lefts.length;
            if (nodes > Bounds.NODES_MAX) {
                throw REFUSAL.of("more than " + Bounds.NODES_MAX + " nodes");
            }
        }
        sets.trim();
    }

    /** The trees, once it is known how many features there are. */
    List<Tree> checked(int features) {
        for (int t = 0; t < trees.size(); t++) {
            Shape.of(trees.get(t), t, features, REFUSAL);
        }
        return trees;
    }

    private void member(Tokens tokens, Columns arrays, String name) {
        switch (name) {
            case "left_children" -> arrays.lefts = wholes(tokens, name);
            case "right_children" -> arrays.rights = wholes(tokens, name);
            case "split_indices" -> arrays.splits = wholes(tokens, name);
            case "default_left" -> arrays.defaults = wholes(tokens, name);
            case "split_type" -> arrays.types = wholes(tokens, name);
            case "split_conditions" -> {
                tokens.numbers(numbers);
                arrays.conditions = numbers.toDoubles();
            }
            case "categories_nodes" -> arrays.setNodes = wholes(tokens, name);
            case "categories_segments" -> arrays.setStarts = wholes(tokens, name);
            case "categories_sizes" -> arrays.setSizes = wholes(tokens, name);
            case "categories" -> arrays.codes = wholes(tokens, name);
            case "leaf_weights" -> {
                tokens.numbers(numbers);
                if (numbers.size() > 0) {
                    throw vectors();
                }
            }
            case "tree_param" -> parameters(tokens);
            default -> tokens.skip();
        }
    }

    private void parameters(Tokens tokens) {
        tokens.beginObject();
        for (String name = tokens.name(); name != null; name = tokens.name()) {
            if (!name.equals("size_leaf_vector")) {
                tokens.skip();
            } else if (!List.of("0", "1").contains(tokens.text())) {
                throw vectors();
            }
        }
    }

    private PerennialException vectors() {
        return REFUSAL.of("tree " + trees.size() + " has vector leaves");
    }

    private int[] wholes(Tokens tokens, String name) {
        tokens.numbers(numbers);
        return numbers.toInts(name);
    }

    private Tree tree(Columns arrays, int number) {
        int size = arrays.lefts.length;
        int[] types = arrays.types.length == 0 ? new int[size] : arrays.types;
        if (size == 0
                || arrays.rights.length != size
                || arrays.splits.length != size
                || arrays.defaults.length != size
                || arrays.conditions.length != size
                || types.length != size) {
            throw REFUSAL.of("the arrays of tree " + number + " are missing, empty or differ in length");
        }
        byte[] kinds = new byte[size];
        for (int i = 0; i < size; i++) {
            boolean split = arrays.lefts[i] >= 0;
            kinds[i] = (byte) (Tree.NAN_IS_MISSING
                    | (arrays.defaults[i] != 0 ? Tree.MISSING_LEFT : 0)
                    | (split && types[i] == CATEGORICAL ? Tree.CATEGORICAL : 0));
        }
        Tree tree = new Tree(arrays.lefts, arrays.rights, arrays.splits, arrays.conditions, kinds);
        categories(arrays, tree, number);
        return tree;
    }

    /** Puts the number of its set in the place of a categorical split's threshold. */
    private void categories(Columns arrays, Tree tree, int number) {
        boolean[] given = new boolean[arrays.setNodes.length == 0 ? 0 : tree.size()];
        for (int i = 0; i < arrays.setNodes.length; i++) {
            int node = arrays.setNodes[i];
            boolean inside = i < arrays.setStarts.length
                    && i < arrays.setSizes.length
                    && node >= 0
                    && node < tree.size()
                    && !given[node]
                    && arrays.setStarts[i] >= 0
                    && arrays.setSizes[i] >= 0
                    && (long) arrays.setStarts[i] + arrays.setSizes[i] <= arrays.codes.length;
            if (!inside) {
                throw REFUSAL.of("the category sets of tree " + number + " do not fit together");
            }
            given[node] = true;
            if (tree.categorical(node)) {
                tree.values()[node] = sets.add(arrays.codes, arrays.setStarts[i], arrays.setSizes[i]);
            }
        }
        for (int node = 0; node < tree.size(); node++) {
            if (tree.categorical(node) && (given.length == 0 || !given[node])) {
                throw REFUSAL.of("node " + node + " of tree " + number + " lacks its category set");
            }
        }
    }
}
