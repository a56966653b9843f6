package dev.perennial.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.sqlite.ProgressHandler;

/** Ends the statements of one read when its time is over: SQLite asks after some ten thousand steps, which costs a search nothing. */
final class SqliteTimeLimit extends ProgressHandler {
    private static final int STEPS = 50_000;

    private final long deadline;

    private SqliteTimeLimit(Duration limit) {
        this.deadline = System.nanoTime() + limit.toNanos();
    }

    static <T> Function<Handle, T> on(Duration limit, Function<Handle, T> work) {
        return sql -> {
            Connection connection = sql.getConnection();
            try {
                ProgressHandler.setHandler(connection, STEPS, new SqliteTimeLimit(limit));
                try {
                    return work.apply(sql);
                } finally {
                    ProgressHandler.clearHandler(connection);
                }
            } catch (SQLException e) {
                throw SqlFailures.translate(e);
            } catch (RuntimeException e) {
                throw SqlFailures.limited(e, limit);
            }
        };
    }

    @Override
    protected int progress() {
        return System.nanoTime() - deadline >= 0 ? 1 : 0;
    }
}
