package dev.perennial.tracking;

import dev.perennial.store.Transaction;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Writes many metrics by few prepared statements of SQLite, each of many rows. */
final class MetricStatements {
    /** Rows of one statement: as many as there are, the largest number first. */
    private static final List<Integer> ROWS = List.of(50, 8, 1);

    /** What the values of a batch have in common. In all the run is bound once. */
    private enum Shape {
        /** Each row has step, time, key and value of its own; the flag of NaN is made from the value. */
        SINGLE(1, 4, "(?1, ?%1$d, ?%2$d, ?%3$d, coalesce(?%4$d, 0.0), ?%4$d is null)"),

        /** Step and time are bound once. */
        OF_ONE_MOMENT(3, 2, "(?1, ?2, ?3, ?%1$d, coalesce(?%2$d, 0.0), ?%2$d is null)"),

        /** The same, and no value is NaN. */
        NUMBERS_OF_ONE_MOMENT(3, 2, "(?1, ?2, ?3, ?%1$d, ?%2$d, 0)");

        private final int common;

        /** The rows of a statement, by their number. */
        private final Map<Integer, String> places;

        Shape(int common, int own, String row) {
            this.common = common;
            this.places = ROWS.stream()
                    .collect(Collectors.toUnmodifiableMap(
                            rows -> rows,
                            rows -> IntStream.range(0, rows)
                                    .map(i -> common + 1 + i * own)
                                    .mapToObj(first -> row.formatted(first, first + 1, first + 2, first + 3))
                                    .collect(Collectors.joining(", ", "values ", ""))));
        }
    }

    private MetricStatements() {}

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
                PreparedStatement insert = tx.prepared(into + shape.places.get(rows) + conflict);
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
        if (shape != Shape.SINGLE) {
            insert.setLong(2, metrics.getFirst().step());
            insert.setLong(3, metrics.getFirst().at());
        }
        int at = shape.common;
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
                at = shape.common;
                bound = 0;
            }
        }
    }
}
