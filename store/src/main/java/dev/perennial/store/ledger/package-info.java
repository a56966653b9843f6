/** The tamper-evident ledger: every governed change is an entry of a hash chain. Start at {@link dev.perennial.store.ledger.LedgerEvent}. */
@NullMarked
package dev.perennial.store.ledger;

import org.jspecify.annotations.NullMarked;
