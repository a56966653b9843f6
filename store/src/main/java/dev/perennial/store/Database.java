package dev.perennial.store;

import java.time.Duration;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/**
 * The control database. Thread-safe. Both dialects behave alike: a write is one serialisable transaction that is durable when
 * {@link #write} returns; a failed write changes nothing.
 */
public interface Database extends AutoCloseable {
    /** Which SQL is spoken. */
    enum Dialect {
        SQLITE,
        POSTGRESQL
    }

    Dialect dialect();

    /** Runs reads on a consistent snapshot. Writing through the handle fails. */
    <T> T read(Function<Handle, T> work);

    /**
     * As {@link #read}, for questions that people compose: a statement that runs longer is ended, and the question is refused with
     * {@code INVALID_ARGUMENT}, because asking it again would end the same way. On PostgreSQL the limit is rounded up to whole seconds.
     */
    default <T> T readWithin(Duration limit, Function<Handle, T> work) {
        return read(work);
    }

    /**
     * Runs one transaction and returns its result after the commit is durable. On SQLite all writes pass one connection in order; on
     * PostgreSQL a serialisation failure runs the work again, so the work must have no effect outside the transaction except through
     * {@link Transaction#afterCommit}. Throws {@code STORAGE_FULL} when the disk is full.
     */
    <T> T write(Function<Transaction, T> work);

    /** As {@link #write}, for work without a result. */
    default void writing(java.util.function.Consumer<Transaction> work) {
        write(tx -> {
            work.accept(tx);
            return Boolean.TRUE;
        });
    }

    @Override
    void close();
}
