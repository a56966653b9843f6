package dev.perennial.scorer.serving;

import dev.perennial.scorer.serving.Unprepared.State;

/** A model cannot be loaded yet, since its environment is not there. */
public final class NotPrepared extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final State state;
    private final String why;

    /** @param why one that could not be made is missing, in the words of who tried; empty while it is being made */
    public NotPrepared(State state, String why) {
        super(state == State.BUILDING ? "its environment is being built" : "its environment cannot be built: " + why);
        this.state = state;
        this.why = why;
    }

    /** As it is told of a version. */
    Unprepared of(String endpoint, String version) {
        return new Unprepared(endpoint, version, state, why);
    }
}
