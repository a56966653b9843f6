package dev.perennial.store;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * A few read-only connections, opened when first needed; each serves one thread at a time, in the order of asking. Closing waits a while for
 * those in use; one that is used for longer is closed by who uses it.
 */
final class SqliteReaders implements AutoCloseable {
    private static final int WAIT_SECONDS_MAX = 30;
    private static final int CLOSING_SECONDS_MAX = 10;

    private final Jdbi jdbi;
    private final int count;
    private final Semaphore permits;
    private final Deque<Handle> idle = new ArrayDeque<>();
    private volatile boolean closed;

    SqliteReaders(String url, int count) {
        this.jdbi = Jdbi.create(url);
        this.count = count;
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
        refuseClosed();
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
        } catch (ConnectionException | PerennialException e) {
            permits.release();
            throw SqlFailures.translate(e);
        }
    }

    private synchronized Handle idleOrNew() {
        refuseClosed();
        Handle handle = idle.pollFirst();
        return handle == null ? jdbi.open() : handle;
    }

    private void refuseClosed() {
        if (closed) {
            throw new PerennialException(ErrorCode.UNAVAILABLE, "the database is closed");
        }
    }

    private void giveBack(Handle handle) {
        synchronized (this) {
            if (closed) {
                handle.close();
            } else {
                idle.addFirst(handle);
            }
        }
        permits.release();
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            idle.forEach(Handle::close);
            idle.clear();
        }
        try {
            if (permits.tryAcquire(count, CLOSING_SECONDS_MAX, TimeUnit.SECONDS)) {
                permits.release(count); // who still asks is told that it is closed
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
