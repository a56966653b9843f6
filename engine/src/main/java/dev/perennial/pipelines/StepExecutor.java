package dev.perennial.pipelines;

/** Where a step runs. */
public enum StepExecutor {
    /** On a thread of the server: milliseconds of work, and the only place where a step's success and a room's change commit together. */
    INLINE,
    /** In the worker process of the run. */
    WORKER
}
