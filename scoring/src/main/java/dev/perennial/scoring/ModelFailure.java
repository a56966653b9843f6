package dev.perennial.scoring;

import dev.perennial.kernel.ErrorCode;

/** A loaded model did not do what it was asked to; {@link #kind} says why. */
public final class ModelFailure extends RuntimeException {
    /** Whose fault it is, and what a caller may expect of another attempt. */
    public enum Kind {
        /** The model's: it raised an error, or answered what is no answer. */
        MODEL(ErrorCode.INTERNAL),
        /** The caller's: a value that the model's signature does not take. */
        INPUT(ErrorCode.INVALID_ARGUMENT),
        /** It took too long. */
        DEADLINE(ErrorCode.DEADLINE_EXCEEDED),
        /** Its process ended under it: the request may be what ended it. */
        CRASH(ErrorCode.INTERNAL),
        /** Its process is not there at this moment; the request did not reach it. */
        AWAY(ErrorCode.UNAVAILABLE);

        private final ErrorCode code;

        Kind(ErrorCode code) {
            this.code = code;
        }

        /** What callers are told. */
        public ErrorCode code() {
            return code;
        }
    }

    private final Kind kind;

    public ModelFailure(String message, Throwable cause) {
        super(message, cause);
        this.kind = Kind.MODEL;
    }

    public ModelFailure(String message) {
        this(Kind.MODEL, message);
    }

    public ModelFailure(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
