package dev.perennial.store.ledger;

import dev.perennial.kernel.Digest;

/**
 * A signed statement about the first {@code size} entries of the ledger.
 *
 * @param note origin, size and root with the signature, in the form of a C2SP checkpoint: give this text to whoever shall be able to
 *     prove later that nothing was taken away
 * @param sealedAt wall clock, milliseconds since 1970; not signed
 */
public record Checkpoint(long size, Digest root, String note, long sealedAt) {}
