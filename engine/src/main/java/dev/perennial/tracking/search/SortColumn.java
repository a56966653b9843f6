package dev.perennial.tracking.search;

/**
 * One column of an order; never NULL, so that pages can start behind any row.
 *
 * @param kind of value, which a page token must keep
 * @param constant whether the expression is a whole number, which needs no sorting
 */
public record SortColumn(String expression, boolean ascending, Kind kind, boolean constant) {
    /** What the column holds. */
    public enum Kind {
        INTEGER,
        REAL,
        TEXT
    }

    public static SortColumn integer(String expression, boolean ascending) {
        return new SortColumn(expression, ascending, Kind.INTEGER, false);
    }

    /** A column that is the same in all rows of a part. */
    public static SortColumn constant(long value) {
        return new SortColumn(String.valueOf(value), true, Kind.INTEGER, true);
    }

    public static SortColumn real(String expression, boolean ascending) {
        return new SortColumn(expression, ascending, Kind.REAL, false);
    }

    public static SortColumn text(String expression, boolean ascending) {
        return new SortColumn(expression, ascending, Kind.TEXT, false);
    }
}
