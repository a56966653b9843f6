package dev.perennial.worker.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.duckdb.DuckDBDataChunkReader;
import org.duckdb.DuckDBReadableVector;

/** Collects the chunks of a result into arrays that double when they are full. */
final class GrowingRows {
    private static final int FIRST_ROWS = 1 << 14;
    private static final int FEATURES_FROM = 5;

    private final List<FeatureType> types;
    private int size;
    private long[] events = new long[FIRST_ROWS];
    private long[] labelTimes = new long[FIRST_ROWS];
    private int[] days = new int[FIRST_ROWS];
    private byte[] labels = new byte[FIRST_ROWS];
    private String[] keys = new String[FIRST_ROWS];
    private final float[][] numbers;
    private final int[][] positions;
    private final List<Map<String, Integer>> dictionaries = new ArrayList<>();

    GrowingRows(List<FeatureType> types) {
        this.types = types;
        numbers = new float[types.size()][];
        positions = new int[types.size()][];
        for (int i = 0; i < types.size(); i++) {
            numbers[i] = new float[types.get(i).category() ? 0 : FIRST_ROWS];
            positions[i] = new int[types.get(i).category() ? FIRST_ROWS : 0];
            dictionaries.add(new HashMap<>());
        }
    }

    /** Columns: event time, label time, day, label, key, features. */
    void add(DuckDBDataChunkReader chunk) {
        int count = Math.toIntExact(chunk.rowCount());
        while (size + count > events.length) {
            resize(events.length * 2);
        }
        DuckDBReadableVector event = chunk.vector(0);
        DuckDBReadableVector labelTime = chunk.vector(1);
        DuckDBReadableVector day = chunk.vector(2);
        DuckDBReadableVector label = chunk.vector(3);
        DuckDBReadableVector key = chunk.vector(4);
        for (int i = 0; i < count; i++) {
            events[size + i] = event.getLong(i);
            labelTimes[size + i] = labelTime.getLong(i, SnapshotRows.NEVER);
            days[size + i] = day.getInt(i);
            labels[size + i] = label.getByte(i, (byte) -1);
            keys[size + i] = key.getString(i);
        }
        for (int column = 0; column < types.size(); column++) {
            DuckDBReadableVector values = chunk.vector(FEATURES_FROM + column);
            if (types.get(column).category()) {
                addTexts(column, values, count);
            } else {
                for (int i = 0; i < count; i++) {
                    numbers[column][size + i] = values.getFloat(i, Float.NaN);
                }
            }
        }
        size += count;
    }

    private void addTexts(int column, DuckDBReadableVector values, int count) {
        Map<String, Integer> dictionary = dictionaries.get(column);
        for (int i = 0; i < count; i++) {
            positions[column][size + i] = values.isNull(i)
                    ? -1
                    : dictionary.computeIfAbsent(values.getString(i), unused -> dictionary.size());
        }
    }

    SnapshotRows rows() {
        resize(size);
        List<FeatureColumn> columns = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            String name = types.get(i).name();
            columns.add(
                    types.get(i).category()
                            ? new FeatureColumn.Texts(name, inOrder(dictionaries.get(i)), positions[i])
                            : new FeatureColumn.Numbers(name, numbers[i]));
        }
        return new SnapshotRows(events, labelTimes, days, labels, keys, columns);
    }

    private static List<String> inOrder(Map<String, Integer> dictionary) {
        return dictionary.entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .toList();
    }

    private void resize(int length) {
        events = Arrays.copyOf(events, length);
        labelTimes = Arrays.copyOf(labelTimes, length);
        days = Arrays.copyOf(days, length);
        labels = Arrays.copyOf(labels, length);
        keys = Arrays.copyOf(keys, length);
        for (int i = 0; i < types.size(); i++) {
            if (types.get(i).category()) {
                positions[i] = Arrays.copyOf(positions[i], length);
            } else {
                numbers[i] = Arrays.copyOf(numbers[i], length);
            }
        }
    }
}
