package dev.perennial.store;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** A few read-only connections, opened when first needed; each serves one thread at a time, in the order of asking. */
final class SqliteReaders implements AutoCloseable {
    private static final int WAIT_SECONDS_MAX = 30;

    private final Jdbi jdbi;
    private final Semaphore permits;
    private final Deque<Handle> idle = new ArrayDeque<>();
    private final List<Handle> all = new ArrayList<>();

    SqliteReaders(String url, int count) {
        this.jdbi = Jdbi.create(url);
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
        } catch (ConnectionException e) {
            permits.release();
            throw SqlFailures.translate(e);
        }
    }

    private synchronized Handle idleOrNew() {
        Handle handle = idle.pollFirst();
        if (handle == null) {
            handle = jdbi.open();
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
