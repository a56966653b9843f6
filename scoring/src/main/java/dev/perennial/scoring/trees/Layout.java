package dev.perennial.scoring.trees;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A row as the nodes read it: integers in slots. A numerical feature has a slot for each way in which its splits treat missing values,
 * because a missing value is then the smallest integer (goes left) or the largest (goes right). A categorical split of a small table
 * has a slot of its own, 1 when the row's category goes right, copied from the table by the category's code; other categorical splits
 * look at a slot with the code itself. Immutable once built; thread-safe.
 */
final class Layout {
    /** Missing goes left. */
    static final int LOWEST = Integer.MIN_VALUE;
    /** Missing goes right. */
    static final int HIGHEST = Integer.MAX_VALUE;

    /** Code of a missing category; -1 is one that no split names. */
    static final int NO_CATEGORY = -2;

    private static final int NO_SLOT = -1;
    /** Ways to treat missing values: which of them are missing, and where these go. */
    private static final int WAYS = 8;

    private final int features;
    private final Scale scale;
    private final int[] slotOf;
    private int[] numbers = {};
    private int[] firstWay = {};
    private int[] waySlots = {};
    private int[] wayMasks = {};
    private int[] wayMissing = {};
    private final List<CategoryTable> tables = new ArrayList<>();
    private int[] codes = {};
    private int[] codeSlots = {};
    private final int[] codeSlotOf;
    private int width;

    Layout(int features, Scale scale) {
        this.features = features;
        this.scale = scale;
        this.slotOf = new int[features * WAYS];
        this.codeSlotOf = new int[features];
        Arrays.fill(slotOf, NO_SLOT);
        Arrays.fill(codeSlotOf, NO_SLOT);
    }

    /** Slot of a numerical split; the same one for all splits of a feature that treat missing values alike. */
    int number(int feature, int kind) {
        int at = feature * WAYS + (kind & (Tree.MISSING | Tree.MISSING_LEFT));
        if (slotOf[at] == NO_SLOT) {
            slotOf[at] = width++;
        }
        return slotOf[at];
    }

    int lastLeft(int feature, double threshold) {
        return scale.lastLeft(feature, threshold);
    }

    /** Slot of the code of a categorical feature. */
    int code(int feature) {
        if (codeSlotOf[feature] == NO_SLOT) {
            codeSlotOf[feature] = width++;
            codes = Arrays.copyOf(codes, codes.length + 1);
            codeSlots = Arrays.copyOf(codeSlots, codes.length);
            codes[codes.length - 1] = feature;
            codeSlots[codes.length - 1] = codeSlotOf[feature];
        }
        return codeSlotOf[feature];
    }

    boolean readsCodes() {
        return codes.length > 0;
    }

    /** Takes a table of the splits of one feature, and gives the slot of the first of them. */
    int table(int feature, int splits, int known, byte[] cells) {
        tables.add(new CategoryTable(feature, width, splits, known, cells));
        width += splits;
        return width - splits;
    }

    /** After the last slot was given. */
    void seal() {
        int[] used = new int[features];
        int count = 0;
        firstWay = new int[features + 1];
        waySlots = new int[features * WAYS];
        wayMasks = new int[waySlots.length];
        wayMissing = new int[waySlots.length];
        int next = 0;
        for (int feature = 0; feature < features; feature++) {
            int before = next;
            for (int way = 0; way < WAYS; way++) {
                int slot = slotOf[feature * WAYS + way];
                if (slot != NO_SLOT) {
                    waySlots[next] = slot;
                    wayMasks[next] = way & Tree.MISSING;
                    wayMissing[next] = (way & Tree.MISSING_LEFT) != 0 ? LOWEST : HIGHEST;
                    next++;
                }
            }
            if (next > before) {
                used[count++] = feature;
                firstWay[count] = next;
            }
        }
        numbers = Arrays.copyOf(used, count);
        firstWay = Arrays.copyOf(firstWay, count + 1);
        waySlots = Arrays.copyOf(waySlots, next);
        wayMasks = Arrays.copyOf(wayMasks, next);
        wayMissing = Arrays.copyOf(wayMissing, next);
    }

    /** Slots of a row; at least one, which resting lanes read. */
    int width() {
        return Math.max(1, width);
    }

    /**
     * Fills the slots of a row.
     *
     * @param row by feature its number, or the code of its category; NaN when missing
     * @param at where the row's slots begin
     */
    void fill(double[] row, int[] slots, int at) {
        for (int i = 0; i < numbers.length; i++) {
            double value = row[numbers[i]];
            boolean missing = value != value;
            int level = scale.level(numbers[i], missing ? 0 : value);
            int state = missing ? Tree.MISSING : Math.abs(value) <= RankScale.ZERO ? Tree.ZERO_IS_MISSING : 0;
            for (int way = firstWay[i]; way < firstWay[i + 1]; way++) {
                slots[at + waySlots[way]] = (state & wayMasks[way]) != 0 ? wayMissing[way] : level;
            }
        }
        for (int i = 0; i < tables.size(); i++) {
            CategoryTable table = tables.get(i);
            table.fill(codeOf(row[table.feature()]), slots, at);
        }
        for (int i = 0; i < codes.length; i++) {
            slots[at + codeSlots[i]] = codeOf(row[codes[i]]);
        }
    }

    private int codeOf(double value) {
        return value != value ? NO_CATEGORY : scale.code(value);
    }
}
