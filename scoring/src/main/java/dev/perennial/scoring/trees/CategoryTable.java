package dev.perennial.scoring.trees;

/**
 * Where each category of a feature goes at each of its splits.
 *
 * @param first slot of the first split
 * @param known codes below this have a line of their own
 * @param cells by code the splits' 0 or 1; then a line for categories that no split names, and one for missing ones
 */
record CategoryTable(int feature, int first, int splits, int known, byte[] cells) {
    void fill(int code, int[] slots, int at) {
        int line = code == Layout.NO_CATEGORY ? known + 1 : code < 0 || code >= known ? known : code;
        int from = line * splits;
        int to = at + first;
        for (int split = 0; split < splits; split++) {
            slots[to + split] = cells[from + split];
        }
    }
}
