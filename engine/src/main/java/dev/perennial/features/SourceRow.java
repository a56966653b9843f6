package dev.perennial.features;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a source's row at some time: text as String, numbers as Double (true is 1), times as Long (epoch milliseconds). A
 * value that is not known yet is null, like one that is missing. Immutable.
 */
public final class SourceRow {
    private final RowShape shape;
    private final @Nullable Object[] values;
    private final long eventMillis;

    /** Takes the array over; the caller must not change it. */
    public SourceRow(RowShape shape, @Nullable Object[] values, long eventMillis) {
        if (values.length != shape.columns().size()) {
            throw new IllegalArgumentException(values.length + " values for the columns " + shape.columns());
        }
        this.shape = shape;
        this.values = values;
        this.eventMillis = eventMillis;
    }

    public String source() {
        return shape.source();
    }

    public RowShape shape() {
        return shape;
    }

    public long eventMillis() {
        return eventMillis;
    }

    /** A value; null when missing, not known yet, or no column of this shape. */
    public @Nullable Object value(String column) {
        int position = shape.position(column);
        return position < 0 ? null : values[position];
    }

    /** A number, NaN when it is missing. */
    double number(String column) {
        return value(column) instanceof Double number ? number : Double.NaN;
    }

    /** The key as text, parts joined by {@code |}: the id of the row's prediction. */
    public String id() {
        return shape.key().size() == 1
                ? String.valueOf(value(shape.key().getFirst()))
                : shape.key().stream()
                        .map(column -> String.valueOf(value(column)))
                        .collect(Collectors.joining("|"));
    }

    /** All values that are there, by column. */
    public Map<String, Object> present() {
        Map<String, Object> result = new LinkedHashMap<>();
        for (int i = 0; i < values.length; i++) {
            Object value = values[i];
            if (value != null) {
                result.put(shape.columns().get(i), value);
            }
        }
        return result;
    }

    /** Orders rows by event time, then key, so that equal known times have one winner. */
    static int compareIdentity(SourceRow a, SourceRow b) {
        int result = Long.compare(a.eventMillis, b.eventMillis);
        for (int i = 0; result == 0 && i < a.shape.key().size(); i++) {
            result = compareValues(
                    a.value(a.shape.key().get(i)), b.value(b.shape.key().get(i)));
        }
        return result;
    }

    private static int compareValues(@Nullable Object a, @Nullable Object b) {
        if (a == null || b == null) {
            return a == b ? 0 : a == null ? 1 : -1;
        }
        if (a instanceof String left && b instanceof String right) {
            return Arrays.compareUnsigned(
                    left.getBytes(StandardCharsets.UTF_8), right.getBytes(StandardCharsets.UTF_8));
        }
        return Double.compare(((Number) a).doubleValue(), ((Number) b).doubleValue());
    }
}
