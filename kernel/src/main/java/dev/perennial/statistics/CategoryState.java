package dev.perennial.statistics;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a category column in a window: exact counts of at most {@link #VALUES_MAX} values; rows of further values are counted
 * without their value. Adds up.
 *
 * @param rows all rows, missing ones too
 * @param overflow rows whose value found no place
 */
public record CategoryState(long rows, long missing, Map<String, Long> counts, long overflow) {
    /** Values whose counts are kept. */
    public static final int VALUES_MAX = 1_000;

    public static final CategoryState EMPTY = new CategoryState(0, 0, Map.of(), 0);

    public CategoryState {
        counts = Map.copyOf(counts);
    }

    /** Adds up; beyond the bound the rarest values lose their place, ties by name, so that the result does not depend on the order. */
    public CategoryState merge(CategoryState other) {
        Map<String, Long> sum = new TreeMap<>(counts);
        other.counts.forEach((value, count) -> sum.merge(value, count, Long::sum));
        long lost = overflow + other.overflow;
        if (sum.size() > VALUES_MAX) {
            var rarest = sum.entrySet().stream()
                    .sorted(Map.Entry.<String, Long>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
                    .limit(sum.size() - VALUES_MAX)
                    .map(Map.Entry::getKey)
                    .toList();
            for (String value : rarest) {
                lost += sum.getOrDefault(value, 0L);
                sum.remove(value);
            }
        }
        return new CategoryState(rows + other.rows, missing + other.missing, sum, lost);
    }

    /** Rows with a value. */
    public long values() {
        return rows - missing;
    }

    /** Collects values one by one; single-threaded. */
    public static final class Accumulator {
        private final Map<String, long[]> counts = new HashMap<>();
        private long rows;
        private long missing;
        private long overflow;

        /** @param value null is missing */
        public void add(@Nullable String value) {
            rows++;
            if (value == null) {
                missing++;
                return;
            }
            long[] count = counts.get(value);
            if (count == null) {
                if (counts.size() >= VALUES_MAX) {
                    overflow++;
                    return;
                }
                count = new long[1];
                counts.put(value, count);
            }
            count[0]++;
        }

        public CategoryState state() {
            Map<String, Long> copy = new HashMap<>();
            counts.forEach((value, count) -> copy.put(value, count[0]));
            return new CategoryState(rows, missing, copy, overflow);
        }
    }
}
