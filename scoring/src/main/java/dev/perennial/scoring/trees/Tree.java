package dev.perennial.scoring.trees;

/**
 * One decision tree as its file has it. Node 0 is the root; a left child of -1 marks a leaf.
 *
 * @param features column that a split reads
 * @param values a leaf's value, a numerical split's threshold, or the number of a categorical split's set
 * @param kinds of splits, bits as below
 */
record Tree(int[] lefts, int[] rights, int[] features, double[] values, byte[] kinds) {
    /** NaN takes the split's default direction. */
    static final int NAN_IS_MISSING = 1;
    /** Zero takes it too. */
    static final int ZERO_IS_MISSING = 2;

    static final int MISSING = NAN_IS_MISSING | ZERO_IS_MISSING;
    static final int MISSING_LEFT = 4;
    static final int CATEGORICAL = 8;

    boolean leaf(int node) {
        return lefts[node] < 0;
    }

    boolean categorical(int node) {
        return (kinds[node] & CATEGORICAL) != 0;
    }

    boolean missingRight(int node) {
        return (kinds[node] & MISSING_LEFT) == 0;
    }

    /** Multiplies the leaves in float, as XGBoost weighs trees. */
    void scaleLeaves(float factor) {
        for (int node = 0; node < lefts.length; node++) {
            if (leaf(node)) {
                values[node] = (float) values[node] * factor;
            }
        }
    }

    int size() {
        return lefts.length;
    }
}
