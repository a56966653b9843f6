package dev.perennial.tracking;

import dev.perennial.store.Database.Dialect;
import dev.perennial.store.Reals;
import dev.perennial.store.Transaction;
import java.sql.Array;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jdbi.v3.core.result.UnableToProduceResultException;

/**
 * Takes in metrics. Cost: a value is one row at the end of its run and, when it is the last of its key in the batch, one row of the run's
 * latest values. On SQLite a statement takes many rows and stays prepared, because binding and starting statements cost more than rows. A
 * batch whose values belong to one moment (step and time) behind all others of its run, as a training makes it, is copied from the
 * history to the latest values inside the database, without comparing or binding twice. On PostgreSQL a batch is two round trips. A row that
 * is there already is left alone, which makes repeated requests harmless.
 */
final class MetricIntake {
    /** Rows of one statement: as many as there are, the largest number first. */
    private static final List<Integer> ROWS = List.of(50, 8, 1);

    private static final int COLUMNS = 4;

    private static final String HISTORY = "insert into run_metric (run, step, at, key, value, value_nan) ";
    private static final String UNLESS_THERE = " on conflict do nothing";
    private static final String LATEST = "insert into run_metric_latest as l (run, step, at, key, value, value_nan) ";
    private static final String WHERE_LATER =
            " on conflict (run, key) do update set step = excluded.step, at = excluded.at, value = excluded.value,"
                    + " value_nan = excluded.value_nan where (excluded.step, excluded.at, excluded.value, excluded.value_nan)"
                    + " > (l.step, l.at, l.value, l.value_nan)";
    private static final String NEWEST =
            "select step, at from run_metric where run = ? order by step desc, at desc limit 1";
    private static final String COPY =
            "replace into run_metric_latest (run, step, at, key, value, value_nan) select run, step, at, key, value, value_nan"
                    + " from run_metric where run = ? and step = ? and at = ? order by key, value, value_nan";
    private static final String ARRAYS =
            "select cast(? as bigint), step, at, key, value, value_nan from unnest(?, ?, ?, ?, ?)"
                    + " as t (step, at, key, value, value_nan)";

    private static final Map<Integer, String> PLACES =
            ROWS.stream().collect(Collectors.toUnmodifiableMap(rows -> rows, MetricIntake::places));

    private static final Comparator<Metric> BY_KEY = MetricIntake::byKey;

    /** The order of the history, so that rows are appended. */
    private static final Comparator<Metric> BY_PLACE = MetricIntake::byPlace;

    private final Transaction tx;
    private final Dialect dialect;
    private final long run;

    private MetricIntake(Transaction tx, Dialect dialect, long run) {
        this.tx = tx;
        this.dialect = dialect;
        this.run = run;
    }

    static void insert(Transaction tx, Dialect dialect, long run, List<Metric> metrics) {
        if (metrics.isEmpty()) {
            return;
        }
        try {
            new MetricIntake(tx, dialect, run).insert(metrics);
        } catch (SQLException e) {
            // The database translates the cause: a full disk, a conflict to try again.
            throw new UnableToProduceResultException(e);
        }
    }

    private void insert(List<Metric> metrics) throws SQLException {
        MetricRanks.note(tx, run);
        MetricOrigins.insert(tx, run, metrics);
        List<Metric> byKey = new ArrayList<>(metrics);
        byKey.sort(BY_KEY);
        boolean ofOneMoment = ofOneMoment(byKey);
        if (dialect == Dialect.SQLITE && ofOneMoment && behindAll(byKey.getFirst())) {
            write(byKey, HISTORY, UNLESS_THERE);
            copyToLatest(byKey.getFirst());
        } else {
            List<Metric> byPlace = byKey;
            if (!ofOneMoment) {
                byPlace = new ArrayList<>(byKey);
                byPlace.sort(BY_PLACE);
            }
            write(byPlace, HISTORY, UNLESS_THERE);
            write(lastOfEachKey(byKey), LATEST, WHERE_LATER);
        }
    }

    /** By key, then age; written out, because a composed comparator costs a batch of a thousand as much as its rows. */
    private static int byKey(Metric a, Metric b) {
        int keys = a.key().compareTo(b.key());
        if (keys != 0) {
            return keys;
        }
        int moments = byMoment(a, b);
        if (moments != 0) {
            return moments;
        }
        int values = Double.compare(Reals.stored(a.value()), Reals.stored(b.value()));
        return values != 0 ? values : Integer.compare(Reals.flag(a.value()), Reals.flag(b.value()));
    }

    private static int byPlace(Metric a, Metric b) {
        int moments = byMoment(a, b);
        return moments != 0 ? moments : a.key().compareTo(b.key());
    }

    private static int byMoment(Metric a, Metric b) {
        int steps = Long.compare(a.step(), b.step());
        return steps != 0 ? steps : Long.compare(a.at(), b.at());
    }

    private static boolean ofOneMoment(List<Metric> metrics) {
        Metric first = metrics.getFirst();
        for (Metric metric : metrics) {
            if (metric.step() != first.step() || metric.at() != first.at()) {
                return false;
            }
        }
        return true;
    }

    private static List<Metric> lastOfEachKey(List<Metric> byKey) {
        List<Metric> last = new ArrayList<>();
        for (int i = 0; i < byKey.size(); i++) {
            if (i + 1 == byKey.size()
                    || !byKey.get(i).key().equals(byKey.get(i + 1).key())) {
                last.add(byKey.get(i));
            }
        }
        return last;
    }

    private boolean behindAll(Metric metric) throws SQLException {
        PreparedStatement look = tx.prepared(NEWEST);
        look.setLong(1, run);
        try (ResultSet newest = look.executeQuery()) {
            return !newest.next()
                    || newest.getLong(1) < metric.step()
                    || (newest.getLong(1) == metric.step() && newest.getLong(2) < metric.at());
        }
    }

    private void copyToLatest(Metric metric) throws SQLException {
        PreparedStatement copy = tx.prepared(COPY);
        copy.setLong(1, run);
        copy.setLong(2, metric.step());
        copy.setLong(3, metric.at());
        copy.executeUpdate();
    }

    private void write(List<Metric> metrics, String into, String conflict) throws SQLException {
        if (dialect == Dialect.POSTGRESQL) {
            writeArrays(metrics, into + ARRAYS + conflict);
            return;
        }
        int from = 0;
        for (int rows : ROWS) {
            int to = metrics.size() - (metrics.size() - from) % rows;
            writeRows(metrics.subList(from, to), rows, into, conflict);
            from = to;
        }
    }

    /** Writes {@code rows} rows by each statement; the list has a multiple of them. */
    private void writeRows(List<Metric> metrics, int rows, String into, String conflict) throws SQLException {
        if (metrics.isEmpty()) {
            return;
        }
        PreparedStatement insert = tx.prepared(into + PLACES.get(rows) + conflict);
        insert.setLong(1, run);
        int at = 1;
        for (Metric metric : metrics) {
            insert.setLong(++at, metric.step());
            insert.setLong(++at, metric.at());
            insert.setString(++at, metric.key());
            if (Double.isNaN(metric.value())) {
                insert.setNull(++at, Types.DOUBLE);
            } else {
                insert.setDouble(++at, metric.value());
            }
            if (at == 1 + rows * COLUMNS) {
                insert.executeUpdate();
                at = 1;
            }
        }
    }

    /** The run is bound once, the flag of NaN is made from the value. */
    private static String places(int rows) {
        return IntStream.range(0, rows)
                .map(row -> 2 + row * COLUMNS)
                .mapToObj(first -> "(?1, ?" + first + ", ?" + (first + 1) + ", ?" + (first + 2) + ", coalesce(?"
                        + (first + 3) + ", 0.0), ?" + (first + 3) + " is null)")
                .collect(Collectors.joining(", ", "values ", ""));
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
