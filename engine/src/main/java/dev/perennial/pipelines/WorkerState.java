package dev.perennial.pipelines;

import java.util.EnumSet;
import java.util.Set;

/** States of a worker process. */
public enum WorkerState {
    /** The launch is intended; whether there is a process is not known yet. */
    STARTING,
    RUNNING,
    /** Asked to stop by a signal; takes no more work. */
    STOPPING,
    /** Was told that nothing is left to do and ends by itself. */
    LEAVING,
    ENDED;

    /** The states that may follow. */
    Set<WorkerState> next() {
        return switch (this) {
            case STARTING -> EnumSet.of(RUNNING, STOPPING, LEAVING, ENDED);
            case RUNNING -> EnumSet.of(STOPPING, LEAVING, ENDED);
            case LEAVING -> EnumSet.of(STOPPING, ENDED);
            case STOPPING -> EnumSet.of(ENDED);
            case ENDED -> EnumSet.noneOf(WorkerState.class);
        };
    }

    /** Whether it may be given work. */
    boolean serving() {
        return this == STARTING || this == RUNNING;
    }
}
