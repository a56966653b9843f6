package dev.perennial.worker.data;

/** The one place where names and values become SQL text. */
public final class Sql {
    private Sql() {}

    /** A quoted identifier. */
    public static String name(String identifier) {
        refuseNul(identifier);
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    /** A quoted text value. */
    public static String text(String value) {
        refuseNul(value);
        return '\'' + value.replace("'", "''") + '\'';
    }

    /** A number as a DOUBLE. */
    static String number(double value) {
        return "CAST(" + (Double.isFinite(value) ? Double.toString(value) : text(Double.toString(value)))
                + " AS DOUBLE)";
    }

    private static void refuseNul(String value) {
        if (value.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "a name or text must not hold the character NUL: " + value.replace('\0', '?'));
        }
    }
}
