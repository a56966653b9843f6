package dev.perennial.scoring;

/** A loaded model could not score a row: its fault, not the caller's. */
public final class ModelFailure extends RuntimeException {
    public ModelFailure(String message, Throwable cause) {
        super(message, cause);
    }

    public ModelFailure(String message) {
        super(message);
    }
}
