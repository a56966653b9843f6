package dev.perennial.tracking;

import dev.perennial.store.Reals;
import dev.perennial.store.Transaction;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.result.UnableToProduceResultException;
import org.jspecify.annotations.Nullable;

/**
 * Metrics in SQL. Cost: a value is one row at the end of its run and, when it is the latest of its key, one row of the run's latest
 * values; both by prepared statements, batch by batch. A row that is there already is left alone, which makes repeated requests harmless.
 * The history of one metric reads the values of its run.
 */
final class MetricRows {
    private static final int ROWS = 8;
    private static final String HISTORY =
            "insert into run_metric (run, key, step, at, value, value_nan) values ROWS on conflict do nothing";
    private static final String LATEST =
            "insert into run_metric_latest as l (run, key, step, at, value, value_nan) values ROWS"
                    + " on conflict (run, key) do update set step = excluded.step, at = excluded.at, value = excluded.value,"
                    + " value_nan = excluded.value_nan where (excluded.step, excluded.at, excluded.value, excluded.value_nan)"
                    + " > (l.step, l.at, l.value, l.value_nan)";

    private MetricRows() {}

    /** Where a page of a history ended. */
    record Position(long at, long step, double value, boolean nan) {
        static Position of(Metric metric) {
            return new Position(metric.at(), metric.step(), Reals.stored(metric.value()), Double.isNaN(metric.value()));
        }
    }

    private static final Comparator<Metric> BY_AGE = Comparator.comparingLong(Metric::step)
            .thenComparingLong(Metric::at)
            .thenComparingDouble(metric -> Reals.stored(metric.value()))
            .thenComparingInt(metric -> Reals.flag(metric.value()));

    /** The order of the table, so that rows are appended. */
    private static final Comparator<Metric> BY_PLACE =
            Comparator.comparingLong(Metric::step).thenComparingLong(Metric::at).thenComparing(Metric::key);

    static void insert(Transaction tx, long run, List<Metric> metrics) {
        if (metrics.isEmpty()) {
            return;
        }
        Map<String, Metric> latest = new TreeMap<>();
        metrics.forEach(metric -> latest.merge(metric.key(), metric, BinaryOperator.maxBy(BY_AGE)));
        write(tx, run, metrics.stream().sorted(BY_PLACE).toList(), HISTORY);
        write(tx, run, List.copyOf(latest.values()), LATEST);
    }

    /** Several rows by one statement, because a statement costs more than a row; what is left over by one statement more. */
    private static void write(Transaction tx, long run, List<Metric> metrics, String statement) {
        int whole = metrics.size() - metrics.size() % ROWS;
        write(tx, run, metrics.subList(0, whole), ROWS, statement);
        write(tx, run, metrics.subList(whole, metrics.size()), metrics.size() - whole, statement);
    }

    private static void write(Transaction tx, long run, List<Metric> metrics, int rows, String statement) {
        if (metrics.isEmpty()) {
            return;
        }
        String values = String.join(", ", Collections.nCopies(rows, "(?, ?, ?, ?, ?, ?)"));
        try (PreparedStatement insert = tx.sql().getConnection().prepareStatement(statement.replace("ROWS", values))) {
            for (int from = 0; from < metrics.size(); from += rows) {
                int at = 0;
                for (Metric metric : metrics.subList(from, from + rows)) {
                    insert.setLong(++at, run);
                    insert.setString(++at, metric.key());
                    insert.setLong(++at, metric.step());
                    insert.setLong(++at, metric.at());
                    insert.setDouble(++at, Reals.stored(metric.value()));
                    insert.setInt(++at, Reals.flag(metric.value()));
                }
                insert.executeUpdate();
            }
        } catch (SQLException e) {
            // The database translates the cause: a full disk, a conflict to try again.
            throw new UnableToProduceResultException(e);
        }
    }

    /** The latest value of every metric of every run, by key. */
    static Map<Long, List<Metric>> latest(Handle sql, List<Long> runs) {
        Map<Long, List<Metric>> result = new HashMap<>();
        for (List<Long> chunk : Pairs.chunks(runs)) {
            sql.createQuery(
                            "select run, key, step, at, value, value_nan from run_metric_latest where run in (<runs>) order by run, key")
                    .bindList("runs", chunk)
                    .map((row, context) -> {
                        result.computeIfAbsent(row.getLong("run"), run -> new ArrayList<>())
                                .add(metric(row));
                        return Boolean.TRUE;
                    })
                    .list();
        }
        return result;
    }

    /** Values of one metric by time, step and value, from behind a position. */
    static List<Metric> history(Handle sql, long run, String key, @Nullable Position after, int limit) {
        String behind = after == null ? "" : " and (at, step, value, value_nan) > (:at, :step, :value, :nan)";
        var query = sql.createQuery(
                        "select key, step, at, value, value_nan from run_metric where run = :run and key = :key"
                                + behind + " order by at, step, value, value_nan limit :limit")
                .bind("run", run)
                .bind("key", key)
                .bind("limit", limit);
        Optional.ofNullable(after)
                .ifPresent(position -> query.bind("at", position.at())
                        .bind("step", position.step())
                        .bind("value", position.value())
                        .bind("nan", position.nan() ? 1 : 0));
        return query.map((row, context) -> metric(row)).list();
    }

    private static Metric metric(ResultSet row) throws SQLException {
        return new Metric(row.getString("key"), Reals.get(row, "value"), row.getLong("at"), row.getLong("step"));
    }
}
