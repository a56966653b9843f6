package dev.perennial.ledgerverifier;

/** The input is not of the form that a ledger has; the message says where. */
final class Unusable extends RuntimeException {
    Unusable(String message) {
        super(message);
    }

    Unusable(String message, Throwable cause) {
        super(message, cause);
    }
}
