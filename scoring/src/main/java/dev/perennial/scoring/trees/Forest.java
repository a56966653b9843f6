package dev.perennial.scoring.trees;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Trees as one array of integers, walked without branches.
 *
 * <p>Cost: one step is two dependent loads and three integer operations; a tree takes as many steps as it is deep, four walks run
 * interleaved so that their loads overlap: of one row through four trees, or of four rows through one tree. Every node takes the same
 * step (see {@link Layout}); a leaf points to itself. Trees far deeper than their number of leaves asks for, and those with splits on
 * categories beyond a table, are walked one step at a time. A node takes 20 bytes. Thread-safe.
 */
final class Forest {
    static final int STRIDE = 3;
    static final int SLOT = 0;
    static final int LAST_LEFT = 1;
    static final int LEFT = 2;
    static final int LANES = 4;
    /** In place of the steps of a tree that is walked one step at a time. */
    static final int PLAIN = -1;

    private static final int LOPSIDED = 3;

    /** By node: slot that it reads, the largest integer that still goes left, index of its left child (right follows it). */
    final int[] nodes;

    final double[] leaves;
    /** By tree: its root, its steps. */
    final int[] roots;

    final int[] steps;
    final Layout layout;
    private final CategorySets sets;
    private final boolean setGoesRight;
    /** Trees for the lanes, by depth; as many as there are trees for lanes that stay idle. */
    private final int[] laneTrees;

    private final int[] plainTrees;
    private final int[] groupSteps;
    private int next = 1;

    Forest(Ensemble model) {
        List<Tree> trees = model.trees();
        setGoesRight = model.setGoesRight();
        layout = new Layout(
                model.features(), model.floats() ? new FloatScale() : new RankScale(trees, model.features()));
        Shape[] shapes = new Shape[trees.size()];
        boolean[] fast = new boolean[trees.size()];
        int total = 1;
        for (int t = 0; t < shapes.length; t++) {
            shapes[t] = Shape.of(trees.get(t), t, model.features(), model.refusal());
            total += shapes[t].order().length;
            fast[t] = shapes[t].depth() <= LOPSIDED * log2(shapes[t].order().length / 2 + 1);
        }
        CategoryTables tables = new CategoryTables(model, fast);
        nodes = new int[total * STRIDE];
        leaves = new double[total];
        roots = new int[trees.size()];
        steps = new int[trees.size()];
        leaf(0, 0); // where idle lanes rest
        for (int t = 0; t < shapes.length; t++) {
            roots[t] = next * STRIDE;
            steps[t] = fast[t] ? shapes[t].depth() : PLAIN;
            place(trees.get(t), shapes[t], fast[t] ? tables : null);
        }
        layout.seal();
        sets = layout.readsCodes() ? model.sets() : new CategorySets(model.refusal());
        int[] order = IntStream.range(0, steps.length)
                .filter(t -> steps[t] != PLAIN)
                .boxed()
                .sorted(Comparator.comparingInt(t -> steps[t]))
                .mapToInt(t -> t)
                .toArray();
        plainTrees =
                IntStream.range(0, steps.length).filter(t -> steps[t] == PLAIN).toArray();
        groupSteps = new int[(order.length + LANES - 1) / LANES];
        laneTrees = new int[groupSteps.length * LANES];
        Arrays.fill(laneTrees, steps.length);
        for (int i = 0; i < order.length; i++) {
            laneTrees[i] = order[i];
            groupSteps[i / LANES] = steps[order[i]];
        }
    }

    private static int log2(int leaves) {
        return Integer.SIZE - Integer.numberOfLeadingZeros(leaves);
    }

    int trees() {
        return roots.length;
    }

    /**
     * The leaf of every tree for one row.
     *
     * @param slots the row's slots, from the first on
     * @param perTree one longer than there are trees
     */
    void leaves(int[] slots, double[] perTree) {
        int[] node = nodes;
        for (int group = 0; group < groupSteps.length; group++) {
            int lane = group * LANES;
            int a = root(lane);
            int b = root(lane + 1);
            int c = root(lane + 2);
            int d = root(lane + 3);
            for (int step = groupSteps[group]; step > 0; step--) {
                a = node[a + LEFT] + goesRight(node[a + LAST_LEFT], slots[node[a + SLOT]]) * STRIDE;
                b = node[b + LEFT] + goesRight(node[b + LAST_LEFT], slots[node[b + SLOT]]) * STRIDE;
                c = node[c + LEFT] + goesRight(node[c + LAST_LEFT], slots[node[c + SLOT]]) * STRIDE;
                d = node[d + LEFT] + goesRight(node[d + LAST_LEFT], slots[node[d + SLOT]]) * STRIDE;
            }
            perTree[laneTrees[lane]] = leaves[a / STRIDE];
            perTree[laneTrees[lane + 1]] = leaves[b / STRIDE];
            perTree[laneTrees[lane + 2]] = leaves[c / STRIDE];
            perTree[laneTrees[lane + 3]] = leaves[d / STRIDE];
        }
        for (int tree : plainTrees) {
            perTree[tree] = plain(roots[tree], slots, 0);
        }
    }

    private int root(int lane) {
        int tree = laneTrees[lane];
        return tree < roots.length ? roots[tree] : 0;
    }

    /** 1 when the value is above what still goes left, without a branch. */
    static int goesRight(int lastLeft, int value) {
        return (int) (((long) lastLeft - value) >>> Long.SIZE - 1);
    }

    /** The leaf that a row reaches, one step at a time. */
    double plain(int root, int[] slots, int at) {
        int node = root;
        for (int left = nodes[node + LEFT]; left != node; left = nodes[node + LEFT]) {
            int slot = nodes[node + SLOT];
            int right = slot >= 0
                    ? goesRight(nodes[node + LAST_LEFT], slots[at + slot])
                    : categoryGoesRight(nodes[node + LAST_LEFT], slots[at + ~slot]);
            node = left + right * STRIDE;
        }
        return leaves[node / STRIDE];
    }

    /** @param set twice the number of the set, plus one when a missing category goes right */
    private int categoryGoesRight(int set, int code) {
        if (code == Layout.NO_CATEGORY) {
            return set & 1;
        }
        return sets.contains(set >> 1, code) == setGoesRight ? 1 : 0;
    }

    /** Lays a tree out, children side by side. */
    private void place(Tree tree, Shape shape, @Nullable CategoryTables tables) {
        int first = next;
        int below = first + 1;
        for (int i = 0; i < shape.order().length; i++) {
            int source = shape.order()[i];
            if (tree.leaf(source)) {
                leaf(first + i, tree.values()[source]);
                continue;
            }
            int at = (first + i) * STRIDE;
            int feature = tree.features()[source];
            nodes[at + LEFT] = below * STRIDE;
            below += 2;
            if (!tree.categorical(source)) {
                nodes[at + SLOT] = layout.number(feature, tree.kinds()[source]);
                nodes[at + LAST_LEFT] = layout.lastLeft(feature, tree.values()[source]);
            } else if (tables != null) {
                nodes[at + SLOT] = tables.slot(tree, source, layout);
            } else {
                nodes[at + SLOT] = ~layout.code(feature);
                nodes[at + LAST_LEFT] = (int) tree.values()[source] << 1 | (tree.missingRight(source) ? 1 : 0);
            }
        }
        next = first + shape.order().length;
    }

    private void leaf(int node, double value) {
        nodes[node * STRIDE + LAST_LEFT] = Integer.MAX_VALUE;
        nodes[node * STRIDE + LEFT] = node * STRIDE;
        leaves[node] = value;
    }
}
