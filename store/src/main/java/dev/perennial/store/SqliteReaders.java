package dev.perennial.store;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.sqlite.ProgressHandler;

/** A few read-only connections, opened when first needed; each serves one thread at a time, in the order of asking. */
final class SqliteReaders implements AutoCloseable {
    private static final int WAIT_SECONDS_MAX = 30;

    /** A millisecond or so. */
    private static final int STEPS_BETWEEN_LOOKS = 100_000;

    private final String url;
    private final Semaphore permits;
    private final Deque<Handle> idle = new ArrayDeque<>();
    private final List<Handle> all = new ArrayList<>();

    SqliteReaders(String url, int count) {
        this.url = url;
        this.permits = new Semaphore(count, true);
    }

    <T> T read(Function<Handle, T> work) {
        Handle handle = take();
        try {
            handle.getConnection().setAutoCommit(false);
            try {
                return work.apply(handle);
            } finally {
                handle.getConnection().setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw SqlFailures.translate(e);
        } catch (RuntimeException e) {
            throw SqlFailures.translate(e);
        } finally {
            giveBack(handle);
        }
    }

    /** Ends the work when it runs longer than the limit. */
    <T> T read(Duration limit, Function<Handle, T> work) {
        return read(handle -> {
            Connection connection = handle.getConnection();
            try {
                ProgressHandler.setHandler(connection, STEPS_BETWEEN_LOOKS, new Deadline(limit));
                try {
                    return work.apply(handle);
                } finally {
                    ProgressHandler.clearHandler(connection);
                }
            } catch (SQLException e) {
                throw SqlFailures.translate(e);
            }
        });
    }

    /** Looks at the clock now and then while a statement runs. */
    private static final class Deadline extends ProgressHandler {
        private final long end;

        Deadline(Duration limit) {
            this.end = System.nanoTime() + limit.toNanos();
        }

        @Override
        protected int progress() {
            return System.nanoTime() - end > 0 ? 1 : 0;
        }
    }

    private Handle take() {
        try {
            if (!permits.tryAcquire(WAIT_SECONDS_MAX, TimeUnit.SECONDS)) {
                throw new PerennialException(
                        ErrorCode.UNAVAILABLE,
                        "all database readers were busy for " + WAIT_SECONDS_MAX + " s; try again");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PerennialException(
                    ErrorCode.UNAVAILABLE, "interrupted while waiting for a database reader", null, e);
        }
        try {
            return idleOrNew();
        } catch (SQLException e) {
            permits.release();
            throw SqlFailures.translate(e);
        }
    }

    private synchronized Handle idleOrNew() throws SQLException {
        Handle handle = idle.pollFirst();
        if (handle == null) {
            Connection connection = DriverManager.getConnection(url);
            handle = Jdbi.create(() -> connection).open();
            all.add(handle);
        }
        return handle;
    }

    private void giveBack(Handle handle) {
        synchronized (this) {
            idle.addFirst(handle);
        }
        permits.release();
    }

    @Override
    public synchronized void close() {
        all.forEach(Handle::close);
        all.clear();
        idle.clear();
    }
}
