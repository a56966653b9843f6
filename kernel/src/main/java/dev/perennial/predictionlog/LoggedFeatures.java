package dev.perennial.predictionlog;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The feature values of one prediction, by position of the segment's columns. Shares its arrays with the maker, which must not change
 * them afterwards: a row costs two arrays and no boxes.
 */
public final class LoggedFeatures {
    private final List<LogColumn> columns;
    private final double[] numbers;
    private final @Nullable String[] texts;

    /**
     * @param numbers by column position; NaN is missing; ignored at category columns
     * @param texts by column position; null is missing; ignored at number columns
     */
    public LoggedFeatures(List<LogColumn> columns, double[] numbers, @Nullable String[] texts) {
        this.columns = columns;
        this.numbers = numbers;
        this.texts = texts;
    }

    public List<LogColumn> columns() {
        return columns;
    }

    /** The number at a position, NaN when missing or not a number column. */
    public double number(int column) {
        return columns.get(column).type() == ColumnType.NUMBER ? numbers[column] : Double.NaN;
    }

    /** The text at a position, null when missing or not a category column. */
    public @Nullable String text(int column) {
        return columns.get(column).type() == ColumnType.CATEGORY ? texts[column] : null;
    }

    public boolean missing(int column) {
        return columns.get(column).type() == ColumnType.NUMBER ? Double.isNaN(numbers[column]) : texts[column] == null;
    }

    /** Column name to Double or String, in column order, without the missing ones. */
    public Map<String, Object> asMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            String text = text(i);
            if (text != null) {
                map.put(columns.get(i).name(), text);
            } else if (!missing(i)) {
                map.put(columns.get(i).name(), numbers[i]);
            }
        }
        return map;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof LoggedFeatures that) || !columns.equals(that.columns)) {
            return false;
        }
        for (int i = 0; i < columns.size(); i++) {
            if (Double.doubleToLongBits(number(i)) != Double.doubleToLongBits(that.number(i))
                    || !java.util.Objects.equals(text(i), that.text(i))) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(texts);
    }

    @Override
    public String toString() {
        return asMap().toString();
    }
}
