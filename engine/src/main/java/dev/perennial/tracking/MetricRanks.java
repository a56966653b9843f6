package dev.perennial.tracking;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database;
import dev.perennial.store.Database.Dialect;
import dev.perennial.store.Transaction;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Keeps the tables in which searches look at values of metrics up to date. Cost: a batch notes its run in one row; the first search after
 * it copies the latest values of the noted runs, a few microseconds each.
 */
final class MetricRanks {
    private static final String RANK = "insert into run_metric_rank as r (run, key, value, value_nan)"
            + " select l.run, l.key, l.value, l.value_nan from run_metric_unranked u join run_metric_latest l on l.run = u.run"
            + " where u.run <= :last on conflict (run, key) do update set value = excluded.value, value_nan = excluded.value_nan"
            + " where r.value <> excluded.value or r.value_nan <> excluded.value_nan";

    /** After so many PostgreSQL looks at the table at once: until it has, it takes it for small and sorts it for each search. */
    private static final int MANY = 5000;

    private static final int RUNS_AT_ONCE = 10_000;
    private static final Duration TIME_MAX = Duration.ofSeconds(20);

    private MetricRanks() {}

    /** Notes in the caller's transaction that the latest values of a run may change. */
    static void note(Transaction tx, long run) throws SQLException {
        PreparedStatement insert =
                tx.prepared("insert into run_metric_unranked (run) values (?) on conflict do nothing");
        insert.setLong(1, run);
        insert.executeUpdate();
    }

    /**
     * Ranks what was logged before this call. Returns whether that worked: after some seconds the rest is left to the next search, and on
     * a full disk searches have to do without ranks. When there is not even room for the latest values this fails, for a search without
     * them would be wrong.
     */
    static boolean caughtUp(Database database, InstantSource clock) {
        return caughtUp(database, clock, RUNS_AT_ONCE);
    }

    static boolean caughtUp(Database database, InstantSource clock, int runsAtOnce) {
        boolean behind = database.read(sql -> sql.createQuery("select run from run_metric_unranked limit 1")
                .mapTo(Long.class)
                .findOne()
                .isPresent());
        if (!behind) {
            return true;
        }
        try {
            return pieces(database, clock, runsAtOnce);
        } catch (PerennialException e) {
            if (e.code() == ErrorCode.STORAGE_FULL) {
                database.writing(WaitingMoment::copyAllToLatest);
                return false;
            }
            throw e;
        }
    }

    /** So many that other writers go on in between. Returns whether all have been ranked. */
    private static boolean pieces(Database database, InstantSource clock, int runsAtOnce) {
        Instant until = clock.instant().plus(TIME_MAX);
        int ranked = 0;
        Piece piece;
        do {
            piece = database.write(tx -> rank(tx, runsAtOnce));
            ranked += piece.values();
        } while (piece.runs() == runsAtOnce && clock.instant().isBefore(until));
        if (ranked >= MANY && database.dialect() == Dialect.POSTGRESQL) {
            database.writing(tx -> tx.sql().execute("analyze run_metric_rank"));
        }
        return piece.runs() < runsAtOnce;
    }

    /** What one transaction ranked. */
    private record Piece(long runs, int values) {}

    private static Piece rank(Transaction tx, int runsAtOnce) {
        WaitingMoment.copyAllToLatest(tx);
        long[] runsAndLast = tx.sql()
                .createQuery("select count(*) as runs, coalesce(max(run), 0) as last from"
                        + " (select run from run_metric_unranked order by run limit " + runsAtOnce + ") p")
                .map((row, context) -> new long[] {row.getLong("runs"), row.getLong("last")})
                .one();
        int ranked = tx.sql().createUpdate(RANK).bind("last", runsAndLast[1]).execute();
        tx.sql()
                .createUpdate("delete from run_metric_unranked where run <= :last")
                .bind("last", runsAndLast[1])
                .execute();
        return new Piece(runsAndLast[0], ranked);
    }
}
