package dev.perennial.tracking;

import dev.perennial.store.Transaction;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Writes many metrics by few prepared statements of SQLite, each of many rows. */
final class MetricStatements {
    /** Rows of one statement: as many as there are, the largest number first. */
    private static final List<Integer> ROWS = List.of(50, 8, 1);

    /** What the values of a batch have in common. */
    private enum Shape {
        /** Each row has step, time, key and value of its own. */
        SINGLE,

        /** Step and time are bound once. */
        OF_ONE_MOMENT,

        /** The same, and no value is NaN. */
        NUMBERS_OF_ONE_MOMENT;

        /** The run is bound once, the flag of NaN is made from the value. */
        private String row(int first) {
            String value = "?" + (first + 1);
            return switch (this) {
                case SINGLE ->
                    "(?1, ?" + first + ", ?" + (first + 1) + ", ?" + (first + 2) + ", coalesce(?" + (first + 3)
                            + ", 0.0), ?" + (first + 3) + " is null)";
                case OF_ONE_MOMENT ->
                    "(?1, ?2, ?3, ?" + first + ", coalesce(" + value + ", 0.0), " + value + " is null)";
                case NUMBERS_OF_ONE_MOMENT -> "(?1, ?2, ?3, ?" + first + ", " + value + ", 0)";
            };
        }

        private String rows(int rows) {
            int common = this == SINGLE ? 1 : 3;
            int own = this == SINGLE ? 4 : 2;
            return IntStream.range(0, rows)
                    .mapToObj(i -> row(1 + common + i * own))
                    .collect(Collectors.joining(", ", "values ", ""));
        }
    }

    private static final Map<Shape, Map<Integer, String>> PLACES = places();

    private MetricStatements() {}

    private static Map<Shape, Map<Integer, String>> places() {
        Map<Shape, Map<Integer, String>> places = new HashMap<>();
        for (Shape shape : Shape.values()) {
            places.put(shape, ROWS.stream().collect(Collectors.toUnmodifiableMap(rows -> rows, shape::rows)));
        }
        return Map.copyOf(places);
    }

    /**
     * Writes metrics of a run.
     *
     * @param together whether all have the same step and time
     * @param into beginning of the statement, before the rows
     * @param conflict its end
     */
    static void write(Transaction tx, long run, List<Metric> metrics, boolean together, String into, String conflict)
            throws SQLException {
        Shape shape = shape(metrics, together);
        int from = 0;
        for (int rows : ROWS) {
            int to = metrics.size() - (metrics.size() - from) % rows;
            if (from < to) {
                PreparedStatement insert = tx.prepared(into + PLACES.get(shape).get(rows) + conflict);
                insert.setLong(1, run);
                write(insert, shape, metrics.subList(from, to), rows);
            }
            from = to;
        }
    }

    private static Shape shape(List<Metric> metrics, boolean together) {
        if (!together) {
            return Shape.SINGLE;
        }
        return metrics.stream().anyMatch(metric -> Double.isNaN(metric.value()))
                ? Shape.OF_ONE_MOMENT
                : Shape.NUMBERS_OF_ONE_MOMENT;
    }

    /** Writes {@code rows} rows by each execution; the list has a multiple of them. */
    private static void write(PreparedStatement insert, Shape shape, List<Metric> metrics, int rows)
            throws SQLException {
        int common = 1;
        if (shape != Shape.SINGLE) {
            insert.setLong(++common, metrics.getFirst().step());
            insert.setLong(++common, metrics.getFirst().at());
        }
        int at = common;
        int bound = 0;
        for (Metric metric : metrics) {
            if (shape == Shape.SINGLE) {
                insert.setLong(++at, metric.step());
                insert.setLong(++at, metric.at());
            }
            insert.setString(++at, metric.key());
            if (Double.isNaN(metric.value())) {
                insert.setNull(++at, Types.DOUBLE);
            } else {
                insert.setDouble(++at, metric.value());
            }
            if (++bound == rows) {
                insert.executeUpdate();
                at = common;
                bound = 0;
            }
        }
    }
}
