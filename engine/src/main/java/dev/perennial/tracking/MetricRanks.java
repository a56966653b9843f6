package dev.perennial.tracking;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database;
import dev.perennial.store.Database.Dialect;
import dev.perennial.store.Transaction;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * Keeps the tables in which searches look at values of metrics up to date. Cost: a batch notes its run in one row; the first search after
 * it copies the latest values of the noted runs, a few microseconds each.
 */
final class MetricRanks {
    private static final String RANK = "insert into run_metric_rank as r (run, key, value, value_nan)"
            + " select l.run, l.key, l.value, l.value_nan from run_metric_unranked u join run_metric_latest l on l.run = u.run"
            + " where true on conflict (run, key) do update set value = excluded.value, value_nan = excluded.value_nan"
            + " where r.value <> excluded.value or r.value_nan <> excluded.value_nan";

    /** After so many PostgreSQL looks at the table at once: until it has, it takes it for small and sorts it for each search. */
    private static final int MANY = 5000;

    private MetricRanks() {}

    /** Notes in the caller's transaction that the latest values of a run may change. */
    static void note(Transaction tx, long run) throws SQLException {
        PreparedStatement insert =
                tx.prepared("insert into run_metric_unranked (run) values (?) on conflict do nothing");
        insert.setLong(1, run);
        insert.executeUpdate();
    }

    /**
     * Ranks what was logged before this call. Returns whether that worked: on a full disk searches have to do without ranks, but not
     * without latest values; then this fails.
     */
    static boolean caughtUp(Database database) {
        boolean behind = database.read(sql -> sql.createQuery("select run from run_metric_unranked limit 1")
                .mapTo(Long.class)
                .findOne()
                .isPresent());
        if (!behind) {
            return true;
        }
        try {
            int ranked = database.write(MetricRanks::rank);
            if (ranked >= MANY && database.dialect() == Dialect.POSTGRESQL) {
                database.writing(tx -> tx.sql().execute("analyze run_metric_rank"));
            }
            return true;
        } catch (PerennialException e) {
            if (e.code() == ErrorCode.STORAGE_FULL && !database.read(WaitingMoment::any)) {
                return false;
            }
            throw e;
        }
    }

    private static int rank(Transaction tx) {
        if (WaitingMoment.any(tx.sql())) {
            WaitingMoment.copyAllToLatest(tx);
        }
        int ranked = tx.sql().execute(RANK);
        tx.sql().execute("delete from run_metric_unranked");
        return ranked;
    }
}
