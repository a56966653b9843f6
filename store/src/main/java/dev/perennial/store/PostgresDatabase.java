package dev.perennial.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.perennial.kernel.CrashPoint;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.ledger.LedgerAppender;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.SqlStatements;

/**
 * The control database on PostgreSQL. Writes are SERIALIZABLE; when PostgreSQL finds a conflict the whole work runs again, and from the
 * second try on the tries of this process go one after the other, so that many writers of one row make progress. Cost of a write: one
 * round trip a statement and the commit.
 */
final class PostgresDatabase implements Database {
    private static final int TRIES_MAX = 30;
    private static final int CONNECTIONS_MAX = 10;
    private static final int WAIT_MILLIS_MAX = 30_000;
    private static final int MILLIS_OF_SECOND = 1_000;

    /**
     * A statement that may read much is planned for its values, each time: the plan for any values forgets how short a page is. Starting
     * workers or compiling takes longer than most searches.
     */
    private static final String PLANNED_FOR_ITS_VALUES =
            "set local plan_cache_mode = force_custom_plan; set local jit = off; set local max_parallel_workers_per_gather = 0";

    private final HikariDataSource pool;
    private final Jdbi jdbi;
    private final LedgerAppender ledger;
    private final ReentrantLock retries = new ReentrantLock(true);
    private final ThreadLocal<Boolean> writing = ThreadLocal.withInitial(() -> Boolean.FALSE);

    private PostgresDatabase(HikariDataSource pool, LedgerAppender ledger) {
        this.pool = pool;
        this.jdbi = Jdbi.create(pool);
        this.ledger = ledger;
    }

    static PostgresDatabase open(String url, String user, String password, LedgerAppender ledger) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("perennial");
        config.setJdbcUrl(url);
        config.setUsername(user);
        config.setPassword(password);
        config.setMaximumPoolSize(CONNECTIONS_MAX);
        config.setConnectionTimeout(WAIT_MILLIS_MAX);
        config.setAutoCommit(true);
        config.addDataSourceProperty("tcpKeepAlive", "true");
        return new PostgresDatabase(new HikariDataSource(config), ledger);
    }

    @Override
    public Dialect dialect() {
        return Dialect.POSTGRESQL;
    }

    @Override
    public <T> T read(Function<Handle, T> work) {
        try (Handle handle = jdbi.open()) {
            Connection connection = handle.getConnection();
            connection.setReadOnly(true);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            connection.setAutoCommit(false);
            try {
                return work.apply(handle);
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw SqlFailures.translate(e);
        } catch (RuntimeException e) {
            throw SqlFailures.translate(e);
        }
    }

    @Override
    public <T> T readWithin(Duration limit, Function<Handle, T> work) {
        return read(sql -> {
            int seconds = Math.toIntExact(
                    Math.max(1, limit.plusMillis(MILLIS_OF_SECOND - 1).toSeconds()));
            try {
                plannedForItsValues(sql.getConnection());
                sql.getConfig(SqlStatements.class).setQueryTimeout(seconds);
                return work.apply(sql);
            } catch (RuntimeException e) {
                throw SqlFailures.limited(e, limit);
            }
        });
    }

    private static void plannedForItsValues(Connection connection) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(PLANNED_FOR_ITS_VALUES);
        } catch (SQLException e) {
            throw SqlFailures.translate(e);
        }
    }

    @Override
    public <T> T write(Function<Transaction, T> work) {
        if (writing.get()) {
            throw new IllegalStateException("a write inside a write: pass the transaction on instead");
        }
        writing.set(Boolean.TRUE);
        Done<T> done;
        try {
            done = firstTry(work);
        } finally {
            writing.remove();
        }
        done.transaction().committed();
        return done.result();
    }

    private record Done<T>(RunningTransaction transaction, T result) {}

    private <T> Done<T> firstTry(Function<Transaction, T> work) {
        try {
            return once(work);
        } catch (SQLException e) {
            if (!SqlFailures.wantsAnotherTry(e)) {
                throw SqlFailures.translate(e);
            }
        } catch (RuntimeException e) {
            if (!SqlFailures.wantsAnotherTry(e)) {
                throw SqlFailures.translate(e);
            }
        }
        return moreTries(work);
    }

    private <T> Done<T> moreTries(Function<Transaction, T> work) {
        retries.lock();
        try {
            for (int i = 1; i < TRIES_MAX; i++) {
                try {
                    return once(work);
                } catch (SQLException e) {
                    if (!SqlFailures.wantsAnotherTry(e)) {
                        throw SqlFailures.translate(e);
                    }
                } catch (RuntimeException e) {
                    if (!SqlFailures.wantsAnotherTry(e)) {
                        throw SqlFailures.translate(e);
                    }
                }
            }
        } finally {
            retries.unlock();
        }
        throw new PerennialException(
                ErrorCode.UNAVAILABLE, "the write met conflicting writes " + TRIES_MAX + " times; try again");
    }

    private <T> Done<T> once(Function<Transaction, T> work) throws SQLException {
        try (Handle handle = jdbi.open()) {
            Connection connection = handle.getConnection();
            connection.setReadOnly(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            connection.setAutoCommit(false);
            boolean done = false;
            try (ReadyStatements ready = new ReadyStatements(connection)) {
                RunningTransaction transaction = new RunningTransaction(handle, ready, ledger);
                T result = work.apply(transaction);
                CrashPoint.hit("store.beforeCommit");
                connection.commit();
                CrashPoint.hit("store.afterCommit");
                done = true;
                return new Done<>(transaction, result);
            } finally {
                if (!done) {
                    connection.rollback();
                }
                connection.setAutoCommit(true);
            }
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
