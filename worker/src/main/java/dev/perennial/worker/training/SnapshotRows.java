package dev.perennial.worker.training;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Rows of a snapshot in memory, column by column, in the order of event time and key. The arrays are shared, not copied: nobody writes
 * them. A row of 21 features takes about 110 bytes.
 */
final class SnapshotRows {
    /** Label time of a row whose label is never known. */
    static final long NEVER = Long.MAX_VALUE;

    private final long[] eventTimes;
    private final long[] labelTimes;
    private final int[] days;
    private final byte[] labels;
    private final String[] keys;
    private final List<FeatureColumn> features;

    /**
     * @param labels 0, 1, or -1 for none
     * @param days local day of the event, days since 1970-01-01
     */
    SnapshotRows(
            long[] eventTimes,
            long[] labelTimes,
            int[] days,
            byte[] labels,
            String[] keys,
            List<FeatureColumn> features) {
        this.eventTimes = eventTimes;
        this.labelTimes = labelTimes;
        this.days = days;
        this.labels = labels;
        this.keys = keys;
        this.features = List.copyOf(features);
    }

    int size() {
        return eventTimes.length;
    }

    long eventTime(int row) {
        return eventTimes[row];
    }

    int day(int row) {
        return days[row];
    }

    LocalDate date(int row) {
        return LocalDate.ofEpochDay(days[row]);
    }

    /** Key columns joined by a comma. */
    String key(int row) {
        return keys[row];
    }

    /** Whether the label was known by that time. */
    boolean labelledBy(int row, long time) {
        return labels[row] >= 0 && labelTimes[row] <= time;
    }

    /** 0 or 1; ask only for labelled rows. */
    int label(int row) {
        return labels[row];
    }

    List<FeatureColumn> features() {
        return features;
    }

    FeatureColumn feature(String name) {
        return features.stream()
                .filter(column -> column.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no feature '" + name + "' in the snapshot"));
    }

    /** Values of a row by feature name, null for missing. */
    ObjectNode values(int row, List<FeatureType> wanted) {
        ObjectNode values = Json.object();
        for (FeatureType type : wanted) {
            switch (feature(type.name())) {
                case FeatureColumn.Texts texts -> values.put(type.name(), texts.text(row));
                case FeatureColumn.Numbers numbers -> {
                    float value = numbers.values()[row];
                    values.put(type.name(), Float.isNaN(value) ? null : (Double) (double) value);
                }
            }
        }
        return values;
    }

    /** Row numbers, ascending, that meet the condition. */
    int[] where(IntPredicate condition) {
        return IntStream.range(0, size()).filter(condition).toArray();
    }

    SnapshotRows select(int[] rows) {
        byte[] chosenLabels = new byte[rows.length];
        for (int i = 0; i < rows.length; i++) {
            chosenLabels[i] = labels[rows[i]];
        }
        return new SnapshotRows(
                Arrays.stream(rows).mapToLong(row -> eventTimes[row]).toArray(),
                Arrays.stream(rows).mapToLong(row -> labelTimes[row]).toArray(),
                Arrays.stream(rows).map(row -> days[row]).toArray(),
                chosenLabels,
                Arrays.stream(rows).mapToObj(row -> keys[row]).toArray(String[]::new),
                features.stream().map(column -> column.select(rows)).toList());
    }
}
