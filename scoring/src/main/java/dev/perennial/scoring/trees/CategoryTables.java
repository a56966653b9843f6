package dev.perennial.scoring.trees;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Decides which features get a table of their categories: as long as all tables together stay small beside the model's nodes. Trees with
 * a split on another categorical feature are walked one step at a time.
 */
final class CategoryTables {
    /** Cells for each node of the model: the file has more bytes than that. */
    private static final int CELLS_PER_NODE = 24;

    private static final int NO_TABLE = -1;

    private final Ensemble model;
    private final int[] known;
    private final int[] splits;
    private final int[] firstSlot;
    private final int[] given;
    private final byte[][] cells;

    /** @param fast by tree whether it could be walked without looking at sets */
    CategoryTables(Ensemble model, boolean[] fast) {
        this.model = model;
        known = new int[model.features()];
        splits = new int[model.features()];
        firstSlot = new int[model.features()];
        given = new int[model.features()];
        cells = new byte[model.features()][];
        Arrays.fill(firstSlot, NO_TABLE);
        long nodes = 0;
        for (int t = 0; t < fast.length; t++) {
            nodes += model.trees().get(t).size();
            if (fast[t]) {
                count(model.trees().get(t));
            }
        }
        choose(nodes * CELLS_PER_NODE);
        for (int t = 0; t < fast.length; t++) {
            fast[t] &= allHaveTables(model.trees().get(t));
        }
    }

    private void count(Tree tree) {
        for (int node = 0; node < tree.size(); node++) {
            if (tree.categorical(node)) {
                int feature = tree.features()[node];
                splits[feature]++;
                known[feature] = Math.max(known[feature], model.sets().largest((int) tree.values()[node]) + 1);
            }
        }
    }

    private void choose(long allowed) {
        List<Integer> smallestFirst = IntStream.range(0, splits.length)
                .filter(feature -> splits[feature] > 0)
                .boxed()
                .sorted(Comparator.comparingLong(this::size))
                .toList();
        long taken = 0;
        for (int feature : smallestFirst) {
            taken += size(feature);
            if (taken <= allowed) {
                cells[feature] = new byte[(int) size(feature)];
            }
        }
    }

    private long size(int feature) {
        return (known[feature] + 2L) * splits[feature];
    }

    private boolean allHaveTables(Tree tree) {
        for (int node = 0; node < tree.size(); node++) {
            if (tree.categorical(node) && cells[tree.features()[node]] == null) {
                return false;
            }
        }
        return true;
    }

    /** Slot of the next split of a feature that has a table; fills its column of the table. */
    int slot(Tree tree, int node, Layout layout) {
        int feature = tree.features()[node];
        if (firstSlot[feature] == NO_TABLE) {
            firstSlot[feature] = layout.table(feature, splits[feature], known[feature], cells[feature]);
        }
        int split = given[feature]++;
        int set = (int) tree.values()[node];
        for (int code = 0; code <= known[feature]; code++) {
            boolean right = model.sets().contains(set, code) == model.setGoesRight();
            cells[feature][code * splits[feature] + split] = (byte) (right ? 1 : 0);
        }
        cells[feature][(known[feature] + 1) * splits[feature] + split] = (byte) (tree.missingRight(node) ? 1 : 0);
        return firstSlot[feature] + split;
    }
}
