/** The room {@code ledger-verifier}. */
@NullMarked
package dev.perennial.ledgerverifier;

import org.jspecify.annotations.NullMarked;
