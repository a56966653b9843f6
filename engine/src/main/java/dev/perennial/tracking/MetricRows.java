package dev.perennial.tracking;

import dev.perennial.store.Reals;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.result.UnableToProduceResultException;
import org.jspecify.annotations.Nullable;

/**
 * Metrics as they are read. The history of one metric reads the values of its run.
 */
final class MetricRows {
    private static final int FETCHED = 10_000;

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
        RowsOf.each(
                sql,
                "select run, key, step, at, value, value_nan from run_metric_latest where run in (",
                runs,
                ") order by run, key",
                row -> result.computeIfAbsent(row.getLong(1), run -> new ArrayList<>())
                        .add(metric(row)));
        WaitingMoment.add(sql, runs, result);
        return result;
    }

    /** The columns are run, key, step, at, value and value_nan. */
    static Metric metric(ResultSet row) throws SQLException {
        return new Metric(
                row.getString(2), row.getInt(6) == 1 ? Double.NaN : row.getDouble(5), row.getLong(4), row.getLong(3));
    }

    /** Values of one metric by time, step and value, from behind a position. */
    static List<Metric> history(Handle sql, long run, String key, @Nullable Position after, int limit) {
        String behind = after == null ? "" : " and (at, step, value, value_nan) > (?, ?, ?, ?)";
        String text = "select step, at, value, value_nan from run_metric where run = ? and key = ?" + behind
                + " order by at, step, value, value_nan limit " + limit;
        try (PreparedStatement query = sql.getConnection().prepareStatement(text)) {
            query.setLong(1, run);
            query.setString(2, key);
            if (after != null) {
                query.setLong(3, after.at());
                query.setLong(4, after.step());
                query.setDouble(5, after.value());
                query.setLong(6, after.nan() ? 1 : 0);
            }
            return metrics(query, key);
        } catch (SQLException e) {
            // The database translates the cause.
            throw new UnableToProduceResultException(e);
        }
    }

    /** Metrics of one key; the columns are step, at, value and value_nan. */
    static List<Metric> metrics(PreparedStatement query, String key) throws SQLException {
        query.setFetchSize(FETCHED);
        List<Metric> metrics = new ArrayList<>();
        try (ResultSet rows = query.executeQuery()) {
            while (rows.next()) {
                double value = rows.getInt(4) == 1 ? Double.NaN : rows.getDouble(3);
                metrics.add(new Metric(key, value, rows.getLong(2), rows.getLong(1)));
            }
        }
        return metrics;
    }
}
