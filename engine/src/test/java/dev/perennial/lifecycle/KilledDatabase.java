package dev.perennial.lifecycle;

import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/**
 * A database whose server dies at its next write, just before or just after the commit: the write is undone or stays, and whoever asked for it
 * never hears of it. What the process remembered is lost when the test starts anew.
 */
final class KilledDatabase implements Database {
    private final Database real;
    private final Kill kill;

    /** Thrown in place of an end of the process. */
    static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** When the server dies. */
    enum Moment {
        NEVER,
        BEFORE_COMMIT,
        AFTER_COMMIT
    }

    /** Set for the next write, and never again. */
    static final class Kill {
        private Moment next = Moment.NEVER;

        synchronized void at(Moment moment) {
            next = moment;
        }

        private synchronized Moment take() {
            Moment now = next;
            next = Moment.NEVER;
            return now;
        }
    }

    KilledDatabase(Database real, Kill kill) {
        this.real = real;
        this.kill = kill;
    }

    @Override
    public Dialect dialect() {
        return real.dialect();
    }

    @Override
    public <T> T read(Function<Handle, T> work) {
        return real.read(work);
    }

    @Override
    public <T> T write(Function<Transaction, T> work) {
        Moment moment = kill.take();
        T result = real.write(tx -> {
            T done = work.apply(tx);
            if (moment == Moment.BEFORE_COMMIT) {
                throw new Killed();
            }
            return done;
        });
        if (moment == Moment.AFTER_COMMIT) {
            throw new Killed();
        }
        return result;
    }

    @Override
    public void close() {
        real.close();
    }
}
