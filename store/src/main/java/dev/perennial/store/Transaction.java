package dev.perennial.store;

import dev.perennial.store.ledger.LedgerEvent;
import java.sql.PreparedStatement;
import org.jdbi.v3.core.Handle;

/** A running write. Valid only inside {@link Database#write}; used by one thread. */
public interface Transaction {
    /** The connection: SQL goes through this. */
    Handle sql();

    /**
     * A statement that may be ready from an earlier transaction, for the few paths where preparing would cost as much as the work. Bind
     * every parameter before each use, close its result sets, never the statement.
     */
    PreparedStatement prepared(String sql);

    /**
     * Adds an entry to the ledger, in this transaction; call it after all other statements. Returns the entry's hash (64 hexadecimal
     * digits).
     */
    String ledger(LedgerEvent event);

    /** Runs once the transaction is durable; never when it fails. */
    void afterCommit(Runnable action);
}
