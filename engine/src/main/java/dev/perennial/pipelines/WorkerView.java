package dev.perennial.pipelines;

/** A worker process that has not ended; the process id is 0 when it is not known or gone. */
public record WorkerView(String name, RunId run, WorkerState state, long pid) {}
