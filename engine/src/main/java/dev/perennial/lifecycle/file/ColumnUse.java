package dev.perennial.lifecycle.file;

/**
 * A feature's use of a column, to be checked against what can be known at prediction time.
 *
 * @param source null for the source whose rows are predicted
 */
record ColumnUse(
        Kind kind, @org.jspecify.annotations.Nullable String source, String column, ColumnNeed need, Place place) {
    enum Kind {
        /** The value of the predicted row itself is a feature, or part of one. */
        ROW,
        /** The value of the predicted row selects rows elsewhere. */
        SELECTOR,
        /** Values of rows that became known before the prediction are looked up or aggregated. */
        HISTORY,
        /** Rows elsewhere are selected by it. */
        SELECTED
    }
}
