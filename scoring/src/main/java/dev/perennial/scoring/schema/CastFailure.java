package dev.perennial.scoring.schema;

/** A value that cannot become what the signature wants; the message says what was expected and what came. Without a stack trace. */
final class CastFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final boolean violation;

    private CastFailure(String message, boolean violation) {
        super(message, null, false, false);
        this.violation = violation;
    }

    static CastFailure of(String message) {
        return new CastFailure(message, false);
    }

    /** One that MLflow finds only when it compares with the signature, after its casts. */
    static CastFailure violation(String message) {
        return new CastFailure(message, true);
    }

    boolean isViolation() {
        return violation;
    }
}
