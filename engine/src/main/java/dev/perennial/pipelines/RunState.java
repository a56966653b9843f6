package dev.perennial.pipelines;

import java.util.EnumSet;
import java.util.Set;

/** States of a run. A terminal state never changes. */
public enum RunState {
    RUNNING,
    CANCELLING,
    SUCCEEDED,
    FAILED,
    CANCELLED;

    public boolean terminal() {
        return next().isEmpty();
    }

    /** The states that may follow. */
    Set<RunState> next() {
        return switch (this) {
            case RUNNING -> EnumSet.of(CANCELLING, SUCCEEDED, FAILED);
            case CANCELLING -> EnumSet.of(SUCCEEDED, CANCELLED);
            case SUCCEEDED, FAILED, CANCELLED -> EnumSet.noneOf(RunState.class);
        };
    }
}
