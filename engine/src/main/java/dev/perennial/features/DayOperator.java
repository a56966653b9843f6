package dev.perennial.features;

import dev.perennial.lifecycle.file.Features.Window;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Aggregates over the last published local days. Windows that differ in their length alone share one operator, that is, the sums of each
 * key and day.
 */
final class DayOperator implements Operator {
    private final Window window;
    private final PublishedDays calendar;
    private final List<Asked> asked = new ArrayList<>();
    private final Map<Object, TreeMap<Long, double[]>> byKey = new HashMap<>();
    private long firstDay = Long.MAX_VALUE;
    private int longest;

    private record Asked(Window window, int days, int position) {}

    /** @param window any of those that share the operator */
    DayOperator(Window window, PublishedDays calendar) {
        this.window = window;
        this.calendar = calendar;
    }

    void ask(Window another, int days, int position) {
        asked.add(new Asked(another, days, position));
        longest = Math.max(longest, days);
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
        double value = Aggregation.added(window, row.number(window.column()));
        if (Double.isNaN(value)) {
            return;
        }
        long day = calendar.dayOf(row.eventMillis());
        if (knownAt > calendar.publication(day)) {
            return;
        }
        firstDay = Math.min(firstDay, day);
        Object key = row.value(window.by());
        if (key != null) {
            double[] sums =
                    byKey.computeIfAbsent(key, unused -> new TreeMap<>()).computeIfAbsent(day, unused -> new double[2]);
            sums[0] += value;
            sums[1]++;
        }
    }

    @Override
    public void features(SourceRow base, long t, @Nullable Object[] features) {
        Object key = base.value(window.by());
        long last = calendar.lastPublished(t);
        if (key == null || last < firstDay) {
            return;
        }
        TreeMap<Long, double[]> days = byKey.get(key);
        for (Asked question : asked) {
            double sum = 0;
            long rows = 0;
            if (days != null) {
                for (double[] sums :
                        days.subMap(last - question.days, false, last, true).values()) {
                    sum += sums[0];
                    rows += (long) sums[1];
                }
            }
            features[question.position] = Aggregation.value(question.window, sum, rows);
        }
    }

    @Override
    public long held() {
        return byKey.values().stream().mapToLong(TreeMap::size).sum();
    }

    @Override
    public void forgetBefore(long time) {
        long oldest = calendar.lastPublished(time) - longest;
        byKey.values().removeIf(days -> {
            days.headMap(oldest, true).clear();
            return days.isEmpty();
        });
    }
}
