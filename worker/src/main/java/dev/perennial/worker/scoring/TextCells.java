package dev.perennial.worker.scoring;

import dev.perennial.predictionlog.ColumnType;
import dev.perennial.scoring.Column;
import dev.perennial.scoring.Row;
import org.jspecify.annotations.Nullable;

/** Turns texts into values of a model's columns, as strictly as an endpoint does with records. */
final class TextCells {
    private static final int SHOWN_MAX = 60;

    private TextCells() {}

    /** Fills a cell; says what is wrong with it, or null. */
    static @Nullable String fill(Column column, String text, Row row, int position) {
        if (column.type() == ColumnType.CATEGORY) {
            row.text(position, text);
            return null;
        }
        String number = text.strip();
        if (!plainNumber(number)) {
            return wrong(column.name(), "a number", "the text '" + shown(text) + "'");
        }
        return fill(column, Double.parseDouble(number), row, position);
    }

    static @Nullable String fill(Column column, double value, Row row, int position) {
        if (!Double.isFinite(value)) {
            return column.name() + ": the number is too large";
        }
        row.number(position, value);
        return null;
    }

    static String wrong(String column, String expected, String actual) {
        return column + ": expected " + expected + ", got " + actual;
    }

    /** Java reads more than people write: 1f, 0x1p3, NaN. */
    private static boolean plainNumber(String text) {
        boolean digits = false;
        boolean point = false;
        boolean exponent = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean first = i == 0 || text.charAt(i - 1) == 'e' || text.charAt(i - 1) == 'E';
            if (c >= '0' && c <= '9') {
                digits = true;
            } else if ((c == '-' || c == '+') && first) {
                continue;
            } else if (c == '.' && !point && !exponent) {
                point = true;
            } else if ((c == 'e' || c == 'E') && digits && !exponent) {
                exponent = true;
                digits = false;
            } else {
                return false;
            }
        }
        return digits;
    }

    /** A text in few characters and on one line. */
    static String shown(String text) {
        int end = Math.min(text.length(), SHOWN_MAX);
        return text.substring(0, end).replaceAll("\\p{Cntrl}", "?") + (end < text.length() ? "..." : "");
    }
}
