package dev.perennial.scoring;

import java.util.Map;

/**
 * One regression tree as the model file has it, checked to be a tree. Node 0 is the root; a left child of -1 marks a leaf whose value
 * stands in {@code conditions}.
 *
 * @param categories by node the category codes that go right; numerical splits have none
 */
record XgboostTree(
        int[] lefts,
        int[] rights,
        int[] features,
        float[] conditions,
        boolean[] defaultLefts,
        Map<Integer, int[]> categories,
        int depth) {
    boolean leaf(int node) {
        return lefts[node] < 0;
    }
}
