package dev.perennial.store.ledger;

import org.jdbi.v3.core.Handle;

/** Adds entries to the ledger inside a running transaction. */
public interface LedgerAppender {
    /** Returns the hash of the new entry. */
    String append(Handle transaction, LedgerEvent event);

    /** Told after the commit how many entries it made durable. */
    void committed(int entries);
}
