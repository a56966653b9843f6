package dev.perennial.scorer.serving;

/**
 * A version that is not served since its environment is not there.
 *
 * @param message why it could not be made; empty while it is being made.
 */
public record Unprepared(String endpoint, String version, State state, String message) {
    private static final int CHARS_MAX = 2_000;

    /** Where its environment stands. */
    public enum State {
        BUILDING,
        /** Tried again when the configuration changes, and after a pause. */
        FAILED
    }

    public Unprepared {
        if (message.length() > CHARS_MAX) {
            message = message.substring(0, message.indexOf('\n') + 1)
                    + "... "
                    + message.substring(message.length() - CHARS_MAX);
        }
    }

    /** For people. */
    public String sentence() {
        return state == State.BUILDING
                ? "building the environment of " + version
                : "the environment of " + version + " cannot be built: " + message;
    }
}
