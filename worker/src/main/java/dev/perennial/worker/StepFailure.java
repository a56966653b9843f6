package dev.perennial.worker;

/** A failure whose class decides about retries. */
public final class StepFailure extends RuntimeException {
    /** Failure classes of a step attempt. */
    public enum Kind {
        /** The user's program or data failed. */
        USER,
        /** The declaration is wrong; never retried. */
        CONFIG,
        /** A declared output is missing or breaks its contract; never retried. */
        CONTRACT,
        /** Machine or platform; retried on a budget of its own. */
        INFRA
    }

    private final Kind kind;

    public StepFailure(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
