package dev.perennial.worker.training;

import dev.perennial.worker.StepFailure;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;

/** Reads snapshot parts (Parquet) into memory in one ordered query. */
final class SnapshotReader {
    private static final List<String> FIXED = List.of("event_time", "prediction_time", "label_time", "day", "label");

    private final Collection<Path> parts;
    private final List<FeatureType> features;

    SnapshotReader(Collection<Path> parts, List<FeatureType> features) {
        if (parts.isEmpty()) {
            throw new StepFailure(
                    StepFailure.Kind.CONFIG, "no snapshot part among the inputs: name at least one 'part-...' input");
        }
        this.parts = parts.stream().sorted().toList();
        this.features = List.copyOf(features);
    }

    /** Rows whose event lies in [from, to). */
    SnapshotRows read(long from, long to) {
        Properties settings = new Properties();
        settings.setProperty("threads", "1");
        settings.setProperty("autoinstall_known_extensions", "false");
        settings.setProperty("autoload_known_extensions", "false");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:", settings);
                Statement statement = connection.createStatement()) {
            List<String> keys = keyColumns(statement);
            try (ResultSet rows = statement.executeQuery(query(keys, from, to))) {
                return collect(rows);
            }
        } catch (SQLException e) {
            throw new StepFailure(StepFailure.Kind.CONTRACT, "cannot read the snapshot parts: " + e.getMessage());
        }
    }

    private List<String> keyColumns(Statement statement) throws SQLException {
        List<String> keys = new ArrayList<>();
        List<String> missing =
                new ArrayList<>(features.stream().map(FeatureType::name).toList());
        try (ResultSet columns = statement.executeQuery("describe select * from " + source())) {
            while (columns.next()) {
                String name = columns.getString("column_name");
                if (!missing.remove(name) && !FIXED.contains(name)) {
                    keys.add(name);
                }
            }
        }
        if (!missing.isEmpty()) {
            throw new StepFailure(
                    StepFailure.Kind.CONTRACT,
                    "the snapshot has no column " + missing + ": take a snapshot of this lifecycle file");
        }
        return keys;
    }

    private String query(List<String> keys, long from, long to) {
        String key = keys.isEmpty()
                ? "''"
                : "concat_ws(','," + keys.stream().map(SnapshotReader::quoted).collect(Collectors.joining(",")) + ")";
        String values = features.stream()
                .map(feature ->
                        "cast(" + quoted(feature.name()) + " as " + (feature.category() ? "varchar" : "float") + ")")
                .collect(Collectors.joining(", "));
        String bounds = (from == Long.MIN_VALUE ? "" : " and event_time >= make_timestamp(" + micros(from) + ")")
                + (to == Long.MAX_VALUE ? "" : " and event_time < make_timestamp(" + micros(to) + ")");
        return "select epoch_ms(event_time), epoch_ms(label_time), day - date '1970-01-01', label, " + key
                + " as row_key, " + values + " from " + source() + " where true" + bounds
                + " order by event_time, row_key";
    }

    private String source() {
        return "read_parquet(["
                + parts.stream()
                        .map(part -> "'" + part.toString().replace("'", "''") + "'")
                        .collect(Collectors.joining(", "))
                + "])";
    }

    private SnapshotRows collect(ResultSet rows) throws SQLException {
        Growing growing = new Growing(features);
        while (rows.next()) {
            growing.add(rows);
        }
        return growing.rows();
    }

    private static String micros(long millis) {
        return String.format(Locale.ROOT, "%d", millis * 1_000);
    }

    private static String quoted(String column) {
        return '"' + column.replace("\"", "\"\"") + '"';
    }

    /** Arrays that double when they are full. */
    private static final class Growing {
        private static final int FIRST_ROWS = 1 << 14;
        private static final int FEATURES_FROM = 6;

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

        Growing(List<FeatureType> types) {
            this.types = types;
            numbers = new float[types.size()][];
            positions = new int[types.size()][];
            for (int i = 0; i < types.size(); i++) {
                numbers[i] = new float[types.get(i).category() ? 0 : FIRST_ROWS];
                positions[i] = new int[types.get(i).category() ? FIRST_ROWS : 0];
                dictionaries.add(new HashMap<>());
            }
        }

        void add(ResultSet row) throws SQLException {
            if (size == events.length) {
                resize(size * 2);
            }
            events[size] = row.getLong(1);
            long known = row.getLong(2);
            labelTimes[size] = row.wasNull() ? SnapshotRows.NEVER : known;
            days[size] = row.getInt(3);
            byte label = row.getByte(4);
            labels[size] = row.wasNull() ? -1 : label;
            keys[size] = row.getString(5);
            for (int i = 0; i < types.size(); i++) {
                if (types.get(i).category()) {
                    String text = row.getString(FEATURES_FROM + i);
                    Map<String, Integer> dictionary = dictionaries.get(i);
                    positions[i][size] =
                            text == null ? -1 : dictionary.computeIfAbsent(text, unused -> dictionary.size());
                } else {
                    float value = row.getFloat(FEATURES_FROM + i);
                    numbers[i][size] = row.wasNull() ? Float.NaN : value;
                }
            }
            size++;
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
            events = java.util.Arrays.copyOf(events, length);
            labelTimes = java.util.Arrays.copyOf(labelTimes, length);
            days = java.util.Arrays.copyOf(days, length);
            labels = java.util.Arrays.copyOf(labels, length);
            keys = java.util.Arrays.copyOf(keys, length);
            for (int i = 0; i < types.size(); i++) {
                if (types.get(i).category()) {
                    positions[i] = java.util.Arrays.copyOf(positions[i], length);
                } else {
                    numbers[i] = java.util.Arrays.copyOf(numbers[i], length);
                }
            }
        }
    }
}
