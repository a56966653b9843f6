package dev.perennial.features;

import dev.perennial.lifecycle.file.Features.Window;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An aggregate over the rows that became known in {@code (t - over, t]}. A question adds up the window's rows anew, so that sums never
 * drift: its cost is the number of rows in the window.
 */
final class SlidingOperator implements Operator {
    private final Window window;
    private final long over;
    private final int position;
    private final Map<Object, Values> byKey = new HashMap<>();

    SlidingOperator(Window window, long over, int position) {
        this.window = window;
        this.over = over;
        this.position = position;
    }

    @Override
    public String source() {
        return window.from();
    }

    @Override
    public String column() {
        return window.column();
    }

    @Override
    public void arrive(SourceRow row, long knownAt) {
        Object key = row.value(window.by());
        double value = Aggregation.added(window, row.number(window.column()));
        if (key != null && !Double.isNaN(value)) {
            byKey.computeIfAbsent(key, unused -> new Values()).add(knownAt, value);
        }
    }

    @Override
    public void features(SourceRow base, long t, @Nullable Object[] features) {
        Object key = base.value(window.by());
        if (key == null) {
            return;
        }
        double sum = 0;
        long rows = 0;
        Values values = byKey.get(key);
        if (values != null) {
            for (int i = values.end - 1; i >= values.start && values.at[i] > t - over; i--) {
                if (values.at[i] <= t) {
                    sum += values.value[i];
                    rows++;
                }
            }
        }
        features[position] = Aggregation.value(window, sum, rows);
    }

    @Override
    public long held() {
        return byKey.values().stream()
                .mapToLong(values -> values.end - values.start)
                .sum();
    }

    @Override
    public void forgetBefore(long time) {
        byKey.values().removeIf(values -> values.forget(time - over));
    }

    /** Values in the order of their known times: a queue in two arrays. */
    private static final class Values {
        private static final int FIRST_CAPACITY = 16;
        private long[] at = new long[FIRST_CAPACITY];
        private double[] value = new double[FIRST_CAPACITY];
        private int start;
        private int end;

        void add(long time, double added) {
            if (end == at.length) {
                makeRoom();
            }
            int place = end++;
            while (place > start && at[place - 1] > time) {
                at[place] = at[place - 1];
                value[place] = value[place - 1];
                place--;
            }
            at[place] = time;
            value[place] = added;
        }

        private void makeRoom() {
            int size = end - start;
            int capacity = size * 2 > at.length ? at.length * 2 : at.length;
            at = Arrays.copyOf(Arrays.copyOfRange(at, start, end), capacity);
            value = Arrays.copyOf(Arrays.copyOfRange(value, start, end), capacity);
            start = 0;
            end = size;
        }

        boolean forget(long upTo) {
            while (start < end && at[start] <= upTo) {
                start++;
            }
            return start == end;
        }
    }
}
