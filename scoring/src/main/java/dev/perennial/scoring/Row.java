package dev.perennial.scoring;

import dev.perennial.predictionlog.ColumnType;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One row of values by position of a signature's columns; a new row holds nothing but missing values. A category column holds a text, a
 * number column a finite number. Not thread-safe; may be filled again.
 */
public final class Row {
    private final double[] numbers;
    private final @Nullable String[] texts;

    public Row(int columns) {
        this.numbers = new double[columns];
        this.texts = new @Nullable String[columns];
        Arrays.fill(numbers, Double.NaN);
    }

    /** Builds a row from values by column name (Number, String or null); names that the signature lacks are left out. */
    public static Row of(Signature signature, Map<String, ? extends @Nullable Object> values) {
        Row row = new Row(signature.size());
        for (int i = 0; i < signature.size(); i++) {
            Column column = signature.column(i);
            Object value = values.get(column.name());
            if (value == null) {
                continue;
            }
            if (column.type() == ColumnType.NUMBER && value instanceof Number number) {
                row.number(i, number.doubleValue());
            } else if (column.type() == ColumnType.CATEGORY && value instanceof String text) {
                row.text(i, text);
            } else {
                throw dev.perennial.kernel.PerennialException.invalid(
                        column.name(),
                        "column '" + column.name() + "' is a " + column.type().word() + ", but the value is '" + value
                                + "'");
            }
        }
        return row;
    }

    public int size() {
        return numbers.length;
    }

    public void number(int position, double value) {
        numbers[position] = value;
    }

    public void text(int position, @Nullable String value) {
        texts[position] = value;
    }

    /** NaN when missing. */
    public double number(int position) {
        return numbers[position];
    }

    /** Null when missing. */
    public @Nullable String text(int position) {
        return texts[position];
    }

    /** Makes every value missing. */
    public void clear() {
        Arrays.fill(numbers, Double.NaN);
        Arrays.fill(texts, null);
    }

    /** The numbers themselves, not a copy. */
    public double[] numbers() {
        return numbers;
    }

    /** The texts themselves, not a copy. */
    public @Nullable String[] texts() {
        return texts;
    }
}
