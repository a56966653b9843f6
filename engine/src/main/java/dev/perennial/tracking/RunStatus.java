package dev.perennial.tracking;

/** What a run says about itself. It may change freely. */
public enum RunStatus {
    RUNNING,
    SCHEDULED,
    FINISHED,
    FAILED,
    KILLED
}
