package dev.perennial.scoring;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One slot for each categorical split: 1 when the row's category goes right, else 0. The slots of a column lie side by side, so that a
 * row costs one copy for each column. A category that the split's set does not name, also one never seen in training, goes left; a
 * missing one takes the split's default.
 */
final class CategorySlots {
    /** Beyond this many cells the sets themselves are asked, a slot at a time. */
    private static final int TABLE_CELLS_MAX = 4 << 20;

    private final Map<Long, Integer> slotOfNode = new HashMap<>();
    private final List<ColumnSlots> columns = new ArrayList<>();
    private final int end;

    /** @param table by code, then the unseen category, then missing; empty when it would be too large */
    private record ColumnSlots(int feature, int first, int known, List<Split> splits, int[] table) {}

    private record Split(java.util.BitSet right, boolean missingRight) {
        int value(int code) {
            return right.get(code) ? 1 : 0;
        }
    }

    CategorySlots(List<XgboostTree> trees, int first, int[] knownCategories) {
        Map<Integer, List<Split>> splits = new HashMap<>();
        Map<Integer, List<Long>> nodes = new HashMap<>();
        for (int t = 0; t < trees.size(); t++) {
            XgboostTree tree = trees.get(t);
            for (int node = 0; node < tree.lefts().length; node++) {
                int[] right = tree.categories().get(node);
                if (right != null && !tree.leaf(node)) {
                    int feature = tree.features()[node];
                    splits.computeIfAbsent(feature, f -> new ArrayList<>())
                            .add(split(right, feature, knownCategories[feature], !tree.defaultLefts()[node]));
                    nodes.computeIfAbsent(feature, f -> new ArrayList<>()).add(key(t, node));
                }
            }
        }
        int next = first;
        for (int feature : splits.keySet().stream().sorted().toList()) {
            List<Split> own = splits.getOrDefault(feature, List.of());
            columns.add(new ColumnSlots(
                    feature, next, knownCategories[feature], own, table(own, knownCategories[feature])));
            for (long node : nodes.getOrDefault(feature, List.of())) {
                slotOfNode.put(node, next++);
            }
        }
        end = next;
    }

    /** First slot behind the last. */
    int end() {
        return end;
    }

    int slot(int tree, int node) {
        Integer slot = slotOfNode.get(key(tree, node));
        if (slot == null) {
            throw new IllegalStateException("node " + node + " of tree " + tree + " has no slot");
        }
        return slot;
    }

    void fill(float[] encoded, int[] values) {
        for (int i = 0; i < columns.size(); i++) {
            ColumnSlots column = columns.get(i);
            float code = encoded[column.feature];
            boolean missing = code != code;
            int row = missing ? column.known + 1 : code < 0 || code >= column.known ? column.known : (int) code;
            int width = column.splits.size();
            if (column.table.length > 0) {
                System.arraycopy(column.table, row * width, values, column.first, width);
            } else {
                for (int s = 0; s < width; s++) {
                    values[column.first + s] = value(column.splits.get(s), row, column.known);
                }
            }
        }
    }

    private static int value(Split split, int row, int known) {
        return row > known ? (split.missingRight ? 1 : 0) : split.value(row);
    }

    private static int[] table(List<Split> splits, int known) {
        if ((known + 2L) * splits.size() > TABLE_CELLS_MAX) {
            return new int[0];
        }
        int[] table = new int[(known + 2) * splits.size()];
        for (int row = 0; row < known + 2; row++) {
            for (int s = 0; s < splits.size(); s++) {
                table[row * splits.size() + s] = value(splits.get(s), row, known);
            }
        }
        return table;
    }

    private static Split split(int[] right, int feature, int known, boolean missingRight) {
        java.util.BitSet set = new java.util.BitSet(known);
        for (int code : right) {
            if (code < 0 || code >= known) {
                throw XgboostJson.refused("it splits feature " + feature + " on category code " + code
                        + ", the manifest lists " + known + " categories");
            }
            set.set(code);
        }
        return new Split(set, missingRight);
    }

    private static long key(int tree, int node) {
        return ((long) tree << 32) | node;
    }
}
