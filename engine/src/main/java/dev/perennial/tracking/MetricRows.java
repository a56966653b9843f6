package dev.perennial.tracking;

import dev.perennial.store.Reals;
import dev.perennial.store.Transaction;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.result.UnableToProduceResultException;
import org.jspecify.annotations.Nullable;

/**
 * Metrics in SQL. Cost: one row of one B-tree a value, written by one prepared statement, batch by batch; the latest value of a key is
 * one seek. A row that is there already is left alone, which makes repeated requests harmless.
 */
final class MetricRows {
    private static final int BATCH = 500;

    private MetricRows() {}

    /** Where a page of a history ended. */
    record Position(long at, long step, double value, boolean nan) {
        static Position of(Metric metric) {
            return new Position(metric.at(), metric.step(), Reals.stored(metric.value()), Double.isNaN(metric.value()));
        }
    }

    static void insert(Transaction tx, long run, List<Metric> metrics) {
        if (metrics.isEmpty()) {
            return;
        }
        try (PreparedStatement insert = tx.sql()
                .getConnection()
                .prepareStatement(
                        "insert into run_metric (run, key, step, at, value, value_nan) values (?, ?, ?, ?, ?, ?)"
                                + " on conflict do nothing")) {
            int pending = 0;
            for (Metric metric : metrics) {
                insert.setLong(1, run);
                insert.setString(2, metric.key());
                insert.setLong(3, metric.step());
                insert.setLong(4, metric.at());
                insert.setDouble(5, Reals.stored(metric.value()));
                insert.setInt(6, Reals.flag(metric.value()));
                insert.addBatch();
                if (++pending % BATCH == 0) {
                    insert.executeBatch();
                }
            }
            insert.executeBatch();
        } catch (SQLException e) {
            // The database translates the cause: a full disk, a conflict to try again.
            throw new UnableToProduceResultException(e);
        }
    }

    /** The latest value of every metric of every run, by key. */
    static Map<Long, List<Metric>> latest(Handle sql, List<Long> runs) {
        Map<Long, List<Metric>> result = new HashMap<>();
        for (List<Long> chunk : Pairs.chunks(runs)) {
            // Walks from key to key by seeks, so that a long history costs nothing.
            sql.createQuery("with recursive k (run, key) as ("
                            + " select r.number, (select min(m.key) from run_metric m where m.run = r.number)"
                            + " from tracked_run r where r.number in (<runs>)"
                            + " union all"
                            + " select k.run, (select min(m.key) from run_metric m where m.run = k.run and m.key > k.key)"
                            + " from k where k.key is not null)"
                            + " select p.run, p.key, p.step, p.at, p.value, p.value_nan from k join run_metric p"
                            + " on p.run = k.run and p.key = k.key"
                            + " and (p.step, p.at, p.value, p.value_nan) = (select l.step, l.at, l.value, l.value_nan"
                            + " from run_metric l where l.run = k.run and l.key = k.key"
                            + " order by l.step desc, l.at desc, l.value desc, l.value_nan desc limit 1)"
                            + " where k.key is not null order by p.run, p.key")
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
