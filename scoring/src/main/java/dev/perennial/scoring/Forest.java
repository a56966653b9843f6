package dev.perennial.scoring;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Trees as one array of integers, walked without branches.
 *
 * <p>Cost: one step is two dependent loads and three integer operations; a tree takes as many steps as it is deep, four trees run
 * interleaved so that their loads overlap. 100 trees of 15 leaves: about 2 us a row. Three tricks make a step the same for every node:
 * values become integers that order like the floats; a missing value stands twice in the row, as the smallest integer (goes left) and as
 * the largest (goes right), and a node reads the copy that its default direction asks for; a categorical split reads a slot that holds 1
 * for the categories that go right, copied from a table by the category's code. A leaf points to itself.
 */
final class Forest {
    private static final int STRIDE = 3;
    private static final int SLOT = 0;
    private static final int BELOW_RIGHT = 1;
    private static final int LEFT = 2;
    private static final int LANES = 4;
    /** Missing goes left. */
    private static final int LOWEST = Integer.MIN_VALUE;
    /** Missing goes right. */
    private static final int HIGHEST = Integer.MAX_VALUE;

    /** By node: slot that it reads, the largest integer that still goes left, index of its left child (right follows it). */
    private final int[] nodes;

    private final float[] leaves;
    /** By lane: the root node, and the number of the tree. */
    private final int[] roots;

    private final int[] treeAt;
    /** By group of lanes: the depth of its deepest tree. */
    private final int[] steps;

    private final int features;
    private final int trees;
    private final CategorySlots slots;

    Forest(List<XgboostTree> trees, int features, int[] knownCategories) {
        this.features = features;
        this.trees = trees.size();
        this.slots = new CategorySlots(trees, 2 * features, knownCategories);
        int total = trees.stream().mapToInt(tree -> tree.lefts().length).sum();
        nodes = new int[Math.max(1, total + 1) * STRIDE];
        leaves = new float[nodes.length / STRIDE];
        int groups = (trees.size() + LANES - 1) / LANES;
        roots = new int[groups * LANES];
        treeAt = new int[groups * LANES];
        steps = new int[groups];
        leaf(0, 0f); // where idle lanes rest
        int[] order = IntStream.range(0, trees.size())
                .boxed()
                .sorted(Comparator.comparingInt(i -> trees.get(i).depth()))
                .mapToInt(i -> i)
                .toArray();
        Arrays.fill(treeAt, trees.size());
        int next = 1;
        for (int i = 0; i < order.length; i++) {
            XgboostTree tree = trees.get(order[i]);
            roots[i] = next * STRIDE;
            treeAt[i] = order[i];
            steps[i / LANES] = Math.max(steps[i / LANES], tree.depth());
            place(tree, order[i], next);
            next += tree.lefts().length;
        }
    }

    /** Buffers of one thread. */
    static final class Scratch {
        final float[] encoded;
        private final int[] values;
        private final float[] perTree;

        private Scratch(int features, int values, int trees) {
            this.encoded = new float[features];
            this.values = new int[values];
            this.perTree = new float[trees + 1]; // the last one takes what idle lanes give
        }
    }

    Scratch scratch() {
        return new Scratch(features, slots.end(), trees);
    }

    /** Adds the leaves of the encoded row to the base, in float and in tree order, as the library does. */
    float sum(Scratch scratch, float base) {
        int[] values = scratch.values;
        fill(scratch.encoded, values);
        walk(values, scratch.perTree);
        float sum = base;
        for (int i = 0; i < trees; i++) {
            sum += scratch.perTree[i];
        }
        return sum;
    }

    private void fill(float[] encoded, int[] values) {
        for (int i = 0; i < features; i++) {
            float value = encoded[i];
            if (value != value) {
                values[i] = LOWEST;
                values[features + i] = HIGHEST;
            } else {
                int ordered = ordered(value);
                values[i] = ordered;
                values[features + i] = ordered;
            }
        }
        slots.fill(encoded, values);
    }

    private void walk(int[] values, float[] perTree) {
        int[] node = nodes;
        for (int group = 0; group < steps.length; group++) {
            int lane = group * LANES;
            int a = roots[lane];
            int b = roots[lane + 1];
            int c = roots[lane + 2];
            int d = roots[lane + 3];
            for (int step = steps[group]; step > 0; step--) {
                a = node[a + LEFT] + goesRight(node[a + BELOW_RIGHT], values[node[a + SLOT]]) * STRIDE;
                b = node[b + LEFT] + goesRight(node[b + BELOW_RIGHT], values[node[b + SLOT]]) * STRIDE;
                c = node[c + LEFT] + goesRight(node[c + BELOW_RIGHT], values[node[c + SLOT]]) * STRIDE;
                d = node[d + LEFT] + goesRight(node[d + BELOW_RIGHT], values[node[d + SLOT]]) * STRIDE;
            }
            perTree[treeAt[lane]] = leaves[a / STRIDE];
            perTree[treeAt[lane + 1]] = leaves[b / STRIDE];
            perTree[treeAt[lane + 2]] = leaves[c / STRIDE];
            perTree[treeAt[lane + 3]] = leaves[d / STRIDE];
        }
    }

    /** 1 when the value is above what still goes left, without a branch. */
    private static int goesRight(int belowRight, int value) {
        return (int) (((long) belowRight - value) >>> 63);
    }

    /** An integer that orders like the float; both zeroes are equal, nothing but missing reaches the two ends. */
    private static int ordered(float value) {
        int bits = Float.floatToRawIntBits(value + 0.0f);
        return bits ^ ((bits >> 31) & 0x7fffffff);
    }

    /** Lays a tree out from {@code first} on, children side by side. */
    private void place(XgboostTree tree, int number, int first) {
        int[] at = new int[tree.lefts().length];
        int[] queue = new int[tree.lefts().length];
        int head = 0;
        int tail = 0;
        queue[tail++] = 0;
        at[0] = first;
        int next = first + 1;
        while (head < tail) {
            int source = queue[head++];
            int node = at[source];
            if (tree.leaf(source)) {
                leaf(node, tree.conditions()[source]);
                continue;
            }
            at[tree.lefts()[source]] = next;
            at[tree.rights()[source]] = next + 1;
            split(node, tree, number, source, next);
            next += 2;
            queue[tail++] = tree.lefts()[source];
            queue[tail++] = tree.rights()[source];
        }
    }

    private void leaf(int node, float value) {
        nodes[node * STRIDE + SLOT] = 0;
        nodes[node * STRIDE + BELOW_RIGHT] = Integer.MAX_VALUE;
        nodes[node * STRIDE + LEFT] = node * STRIDE;
        leaves[node] = value;
    }

    private void split(int node, XgboostTree tree, int number, int source, int left) {
        int feature = tree.features()[source];
        int at = node * STRIDE;
        nodes[at + LEFT] = left * STRIDE;
        if (tree.categories().containsKey(source)) {
            nodes[at + SLOT] = slots.slot(number, source);
            nodes[at + BELOW_RIGHT] = 0;
        } else {
            nodes[at + SLOT] = tree.defaultLefts()[source] ? feature : features + feature;
            nodes[at + BELOW_RIGHT] = ordered(tree.conditions()[source]) - 1;
        }
    }
}
