package dev.perennial.pipelines;

import java.util.EnumSet;
import java.util.Set;

/** States of one attempt of a step. */
public enum AttemptState {
    RUNNING,
    SUCCEEDED,
    FAILED,
    CANCELLED,
    /** Its process is gone, or it was silent for too long. */
    LOST;

    public boolean terminal() {
        return next().isEmpty();
    }

    /** The states that may follow. */
    Set<AttemptState> next() {
        return switch (this) {
            case RUNNING -> EnumSet.of(SUCCEEDED, FAILED, CANCELLED, LOST);
            case SUCCEEDED, FAILED, CANCELLED, LOST -> EnumSet.noneOf(AttemptState.class);
        };
    }
}
