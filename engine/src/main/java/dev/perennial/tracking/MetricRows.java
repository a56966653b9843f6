package dev.perennial.tracking;

import dev.perennial.store.Reals;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Metrics as they are read. The history of one metric reads the values of its run.
 */
final class MetricRows {
    private MetricRows() {}

    /** Where a page of a history ended. */
    record Position(long at, long step, double value, boolean nan) {
        static Position of(Metric metric) {
            return new Position(metric.at(), metric.step(), Reals.stored(metric.value()), Double.isNaN(metric.value()));
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
