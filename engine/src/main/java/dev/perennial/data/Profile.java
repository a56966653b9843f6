package dev.perennial.data;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the columns of a snapshot look like: the reference that drift monitors compare with.
 *
 * @param columns by name
 */
public record Profile(Map<String, Column> columns) {
    /** Values of a category that are kept with their counts; rarer ones are added to {@link Column#otherValues}. */
    public static final int VALUES_MAX = 1000;

    public Profile {
        columns = new TreeMap<>(columns);
    }

    /**
     * One column. For a number: moments, and counts by frozen right-closed bins (-inf, e1], (e1, e2], ..., (ek, inf), where missing and
     * non-finite values have no bin. For a category: counts of its values.
     *
     * @param type {@code number} or {@code category}
     * @param missing null, NaN and infinite values
     * @param m2 sum of squared deviations from the mean
     * @param distinct values, exact
     * @param edges inner edges of the bins, ascending
     * @param otherValues rows of values beyond the {@value #VALUES_MAX} most frequent
     */
    public record Column(
            String type,
            long rows,
            long missing,
            @Nullable Double mean,
            @Nullable Double m2,
            @Nullable Double min,
            @Nullable Double max,
            long distinct,
            @Nullable List<Double> edges,
            @Nullable List<Long> counts,
            @Nullable Map<String, Long> values,
            long otherValues) {
        public static final String NUMBER = "number";
        public static final String CATEGORY = "category";
    }
}
