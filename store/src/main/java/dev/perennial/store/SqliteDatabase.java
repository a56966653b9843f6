package dev.perennial.store;

import dev.perennial.kernel.CrashPoint;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.ledger.LedgerAppender;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * The control database in one SQLite file.
 *
 * <p>Writes pass one connection in the order of asking. A writer that sees others waiting leaves the commit to them, so a queue of small
 * writes pays one fsync; every {@link #write} returns after that commit. The writes behind the first of a group run each in a savepoint of
 * their own; the first needs none, because undoing it is undoing all. Cost of a lone write: one fsync plus about 30 us; reads do not wait
 * for writes.
 */
final class SqliteDatabase implements Database {
    private static final int GROUP_MEMBERS_MAX = 64;
    private static final int LOST_GROUPS_MAX = 5;
    private static final int READERS_PER_CORE = 2;
    private static final int READERS_MIN = 4;
    private static final int SYNCHRONOUS_FULL = 2;
    private static final String SAVE = "savepoint member";
    private static final String RELEASE = "release member";
    private static final String PRAGMAS =
            "?journal_mode=WAL&synchronous=FULL&busy_timeout=5000&foreign_keys=true&journal_size_limit=67108864";

    /**
     * The log is copied into the file every 4,000 pages (16 MiB), four times as rarely as usual: a writer waits for that, and pages written
     * again and again are copied once.
     */
    private static final String WRITER = "&transaction_mode=IMMEDIATE&wal_autocheckpoint=4000";

    private final LedgerAppender ledger;
    private final Handle writer;
    private final ReadyStatements ready;
    private final SqliteReaders readers;
    private final ReentrantLock turn = new ReentrantLock(true);
    private @Nullable WriteGroup group;
    private boolean deviceFailed;
    private boolean closed;

    private SqliteDatabase(Handle writer, SqliteReaders readers, LedgerAppender ledger) {
        this.writer = writer;
        this.ready = new ReadyStatements(writer.getConnection());
        this.readers = readers;
        this.ledger = ledger;
    }

    /** The address of a connection that may write; the first one creates the file. */
    static String writerUrl(Path file) {
        return "jdbc:sqlite:" + file + PRAGMAS + WRITER;
    }

    /** Opens a migrated file. {@code sizeLimitBytes} 0 is no limit. */
    static SqliteDatabase open(Path file, long sizeLimitBytes, LedgerAppender ledger) {
        try {
            Connection connection = DriverManager.getConnection(writerUrl(file));
            Handle writer = Jdbi.create(() -> connection).open();
            check(writer, "journal_mode", "wal");
            check(writer, "synchronous", String.valueOf(SYNCHRONOUS_FULL));
            check(writer, "foreign_keys", "1");
            if (sizeLimitBytes > 0) {
                long pages = sizeLimitBytes / Long.parseLong(pragma(writer, "page_size"));
                pragma(writer, "max_page_count=" + Math.max(1, pages));
            }
            int count = Math.max(
                    READERS_MIN, READERS_PER_CORE * Runtime.getRuntime().availableProcessors());
            SqliteReaders readers = new SqliteReaders("jdbc:sqlite:" + file + PRAGMAS + "&open_mode=1", count);
            return new SqliteDatabase(writer, readers, ledger);
        } catch (SQLException e) {
            throw SqlFailures.translate(e);
        }
    }

    private static void check(Handle handle, String pragma, String expected) {
        String found = pragma(handle, pragma);
        if (!found.equals(expected)) {
            throw PerennialException.state("SQLite runs with " + pragma + " = " + found + " where " + expected
                    + " is needed for durable writes; is the data directory on a network file system?");
        }
    }

    private static String pragma(Handle handle, String pragma) {
        return handle.createQuery("pragma " + pragma).mapTo(String.class).one();
    }

    @Override
    public Dialect dialect() {
        return Dialect.SQLITE;
    }

    @Override
    public <T> T read(Function<Handle, T> work) {
        return readers.read(work);
    }

    @Override
    public <T> T readWithin(Duration limit, Function<Handle, T> work) {
        return readers.read(SqliteTimeLimit.on(limit, work));
    }

    @Override
    public <T> T write(Function<Transaction, T> work) {
        for (int i = 0; i < LOST_GROUPS_MAX; i++) {
            RunningTransaction transaction = new RunningTransaction(writer, ready, ledger);
            Written<T> written = runInTurn(transaction, work);
            if (written.group().committed()) {
                transaction.committed();
                return written.result();
            }
        }
        throw new PerennialException(
                ErrorCode.UNAVAILABLE,
                "the write was undone " + LOST_GROUPS_MAX + " times by failures of others; try again");
    }

    private record Written<T>(WriteGroup group, T result) {}

    private <T> Written<T> runInTurn(RunningTransaction transaction, Function<Transaction, T> work) {
        if (turn.isHeldByCurrentThread()) {
            throw new IllegalStateException("a write inside a write: pass the transaction on instead");
        }
        turn.lock();
        try {
            WriteGroup mine = joinGroup();
            T result = inSavepoint(mine, transaction, work);
            return new Written<>(mine, result);
        } finally {
            try {
                commitUnlessOthersWait();
            } finally {
                turn.unlock();
            }
        }
    }

    private WriteGroup joinGroup() {
        if (closed || deviceFailed) {
            throw new PerennialException(
                    ErrorCode.UNAVAILABLE,
                    closed
                            ? "the database is closed"
                            : "the disk failed during a commit; nothing is written until the server restarts");
        }
        WriteGroup current = group;
        if (current == null) {
            try {
                writer.getConnection().setAutoCommit(false);
            } catch (SQLException e) {
                abandon();
                throw SqlFailures.translate(e);
            }
            current = new WriteGroup();
            group = current;
        }
        current.join();
        return current;
    }

    private <T> T inSavepoint(WriteGroup mine, RunningTransaction transaction, Function<Transaction, T> work) {
        boolean done = false;
        boolean saved = false;
        try {
            if (mine.members() > 1) {
                ready.get(SAVE).execute();
                saved = true;
            }
            T result = work.apply(transaction);
            if (saved) {
                ready.get(RELEASE).execute();
            }
            done = true;
            return result;
        } catch (SQLException e) {
            throw SqlFailures.translate(e);
        } catch (RuntimeException e) {
            throw SqlFailures.translate(e);
        } finally {
            if (!done) {
                undo(mine, saved);
            }
        }
    }

    private void undo(WriteGroup mine, boolean saved) {
        ready.close();
        if (!saved || !undone()) {
            // The only one so far, or SQLite gave up the whole transaction, as it does when the disk is full.
            abandon();
            mine.end(new WriteGroup.End.Lost());
            group = null;
        }
    }

    /** Takes back the statements of one work only. */
    private boolean undone() {
        try (Statement statement = writer.getConnection().createStatement()) {
            statement.execute("rollback to member");
            statement.execute(RELEASE);
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    private void commitUnlessOthersWait() {
        WriteGroup current = group;
        if (current != null && !(turn.hasQueuedThreads() && current.members() < GROUP_MEMBERS_MAX)) {
            commit(current);
        }
    }

    private void commit(WriteGroup current) {
        group = null;
        CrashPoint.hit("store.beforeCommit");
        try {
            writer.getConnection().setAutoCommit(true);
        } catch (SQLException e) {
            deviceFailed = SqlFailures.deviceFailed(e);
            abandon();
            current.end(new WriteGroup.End.Failed(SqlFailures.translate(e)));
            return;
        }
        CrashPoint.hit("store.afterCommit");
        current.end(new WriteGroup.End.Committed());
    }

    /** Leaves the transaction without keeping anything, whatever state SQLite left it in. */
    private void abandon() {
        try (var statement = writer.getConnection().createStatement()) {
            statement.execute("rollback");
        } catch (SQLException e) {
            // No transaction was active any more: that is what we want.
        }
        try {
            writer.getConnection().setAutoCommit(true);
        } catch (SQLException e) {
            // The driver's own commit finds no transaction, and the connection is back in its resting state.
        }
    }

    @Override
    public void close() {
        turn.lock();
        try {
            if (!closed) {
                closed = true;
                if (group != null) {
                    commit(group);
                }
                ready.close();
                readers.close();
                writer.close();
            }
        } finally {
            turn.unlock();
        }
    }
}
