package dev.perennial.tracking;

import dev.perennial.store.Database.Dialect;
import dev.perennial.store.Reals;
import dev.perennial.store.Transaction;
import java.sql.Array;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jdbi.v3.core.result.UnableToProduceResultException;

/**
 * Takes in metrics. Cost: a value is one row at the end of its run; the last of its key in the batch is also one row of the run's latest
 * values. On SQLite a statement takes many rows and stays prepared, because binding and starting statements cost more than rows. A batch
 * whose values belong to one moment (step and time) behind all others of its run, as a training makes it, waits in the history: only when
 * a moment with other names follows is it copied to the latest values ({@link WaitingMoment}). On PostgreSQL a batch is two round trips.
 * A row that is there already is left alone, which makes repeated requests harmless.
 */
final class MetricIntake {
    private static final String HISTORY = "insert into run_metric (run, step, at, key, value, value_nan) ";
    private static final String UNLESS_THERE = " on conflict do nothing";
    private static final String LATEST = "insert into run_metric_latest as l (run, step, at, key, value, value_nan) ";
    private static final String WHERE_LATER =
            " on conflict (run, key) do update set step = excluded.step, at = excluded.at, value = excluded.value,"
                    + " value_nan = excluded.value_nan where (excluded.step, excluded.at, excluded.value, excluded.value_nan)"
                    + " > (l.step, l.at, l.value, l.value_nan)";
    private static final String ARRAYS =
            "select cast(? as bigint), step, at, key, value, value_nan from unnest(?, ?, ?, ?, ?)"
                    + " as t (step, at, key, value, value_nan)";

    private final Transaction tx;
    private final Dialect dialect;
    private final long run;

    private MetricIntake(Transaction tx, Dialect dialect, long run) {
        this.tx = tx;
        this.dialect = dialect;
        this.run = run;
    }

    static void insert(Transaction tx, Dialect dialect, long run, List<Metric> metrics) {
        insert(tx, dialect, run, SortedMetrics.of(metrics));
    }

    static void insert(Transaction tx, Dialect dialect, long run, SortedMetrics metrics) {
        if (metrics.byKey().isEmpty()) {
            return;
        }
        try {
            new MetricIntake(tx, dialect, run).insert(metrics);
        } catch (SQLException e) {
            // The database translates the cause: a full disk, a conflict to try again.
            throw new UnableToProduceResultException(e);
        }
    }

    private void insert(SortedMetrics metrics) throws SQLException {
        MetricOrigins.insert(tx, run, metrics.byKey());
        if (dialect == Dialect.POSTGRESQL) {
            MetricRanks.note(tx, run);
            writeArrays(metrics.byPlace(), HISTORY + ARRAYS + UNLESS_THERE);
            writeArrays(metrics.lastOfEachKey(), LATEST + ARRAYS + WHERE_LATER);
            return;
        }
        Optional<WaitingMoment> before = WaitingMoment.of(tx, run);
        Optional<WaitingMoment> after = metrics.moment();
        if (after.isPresent() && after.get().isBehindAll(tx, run, before)) {
            if (before.isPresent() && !before.get().hasNamesOf(after.get())) {
                before.get().copyToLatest(tx, run);
            }
            MetricStatements.write(tx, run, metrics.byKey(), true, HISTORY, UNLESS_THERE);
            after.get().keep(tx, run);
        } else {
            if (before.isPresent()) {
                before.get().copyToLatest(tx, run);
            }
            boolean together = after.isPresent();
            MetricStatements.write(tx, run, metrics.byPlace(), together, HISTORY, UNLESS_THERE);
            MetricStatements.write(tx, run, metrics.lastOfEachKey(), together, LATEST, WHERE_LATER);
            WaitingMoment.none(tx, run);
        }
    }

    private void writeArrays(List<Metric> metrics, String statement) throws SQLException {
        PreparedStatement insert = tx.prepared(statement);
        insert.setLong(1, run);
        insert.setArray(2, array("bigint", metrics.stream().map(Metric::step)));
        insert.setArray(3, array("bigint", metrics.stream().map(Metric::at)));
        insert.setArray(4, array("text", metrics.stream().map(Metric::key)));
        insert.setArray(5, array("float8", metrics.stream().map(metric -> Reals.stored(metric.value()))));
        insert.setArray(6, array("bigint", metrics.stream().map(metric -> (long) Reals.flag(metric.value()))));
        insert.executeUpdate();
    }

    private Array array(String type, Stream<?> values) throws SQLException {
        return tx.sql().getConnection().createArrayOf(type, values.toArray());
    }
}
