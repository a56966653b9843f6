package dev.perennial.tracking;

import dev.perennial.store.Transaction;

/** Told of a new experiment, in the transaction that makes it. */
@FunctionalInterface
public interface Ownership {
    /** For experiments that nobody in particular makes. */
    Ownership NOBODY = (tx, experiment) -> {};

    void made(Transaction tx, long experiment);
}
