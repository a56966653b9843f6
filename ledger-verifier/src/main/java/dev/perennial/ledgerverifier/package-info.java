/**
 * Verifies a ledger without any code of its writer: an export, a data directory at rest or one that a server is using. Start at {@link
 * dev.perennial.ledgerverifier.LedgerVerifier}; depends on the JDK alone, and for a data directory on a SQLite driver.
 */
@NullMarked
package dev.perennial.ledgerverifier;

import org.jspecify.annotations.NullMarked;
