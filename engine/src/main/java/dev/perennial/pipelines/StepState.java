package dev.perennial.pipelines;

import java.util.EnumSet;
import java.util.Set;

/** States of a step. A terminal state never changes. */
public enum StepState {
    /** A step that it needs has not ended. */
    WAITING,
    /** May run as soon as there is room. */
    READY,
    /** An attempt is running. */
    RUNNING,
    /** Failed, and will be tried again at a stored time. */
    RETRY_WAIT,
    /** Asked to stop; a result that arrives in time still counts. */
    STOPPING,
    SUCCEEDED,
    FAILED,
    /** A step that it needs failed. */
    UPSTREAM_FAILED,
    CANCELLED;

    public boolean terminal() {
        return next().isEmpty();
    }

    /** The states that may follow. */
    Set<StepState> next() {
        return switch (this) {
            case WAITING -> EnumSet.of(READY, UPSTREAM_FAILED, CANCELLED);
            case READY -> EnumSet.of(RUNNING, CANCELLED);
            case RUNNING -> EnumSet.of(SUCCEEDED, FAILED, RETRY_WAIT, STOPPING);
            case RETRY_WAIT -> EnumSet.of(READY, CANCELLED);
            case STOPPING -> EnumSet.of(SUCCEEDED, CANCELLED);
            case SUCCEEDED, FAILED, UPSTREAM_FAILED, CANCELLED -> EnumSet.noneOf(StepState.class);
        };
    }
}
