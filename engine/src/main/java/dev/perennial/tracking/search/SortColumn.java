package dev.perennial.tracking.search;

/**
 * One column of an order; never NULL, so that pages can start behind any row.
 *
 * @param kind of value, which a page token must keep
 */
record SortColumn(String expression, boolean ascending, Kind kind) {
    /** What the column holds. */
    enum Kind {
        INTEGER,
        REAL,
        TEXT
    }

    static SortColumn integer(String expression, boolean ascending) {
        return new SortColumn(expression, ascending, Kind.INTEGER);
    }

    static SortColumn real(String expression, boolean ascending) {
        return new SortColumn(expression, ascending, Kind.REAL);
    }

    static SortColumn text(String expression, boolean ascending) {
        return new SortColumn(expression, ascending, Kind.TEXT);
    }
}
