package dev.perennial.pipelines;

/**
 * Bounds of the engine, in milliseconds where they are times.
 *
 * @param workersMax worker processes at one time, over all runs
 * @param inlineMax inline steps at one time
 * @param sweepMillis the engine looks at everything at least this often; commits wake it at once
 * @param leaseMillis a running attempt is renewed well within this time
 * @param lostAfterMillis a worker that lives but says nothing for so long is stopped and its attempt is lost
 * @param idleWorkerMillis a worker that waits for inline steps longer than this is sent home
 * @param stopGraceMillis between the request to stop a process and its end by force
 * @param infraRetry budget of failures that are the platform's fault, for each step
 */
public record EngineSettings(
        int workersMax,
        int inlineMax,
        long sweepMillis,
        long leaseMillis,
        long lostAfterMillis,
        long idleWorkerMillis,
        long stopGraceMillis,
        RetryPolicy infraRetry) {
    /** For one machine. */
    public static EngineSettings defaults() {
        return new EngineSettings(2, 4, 1_000, 60_000, 600_000, 60_000, 10_000, new RetryPolicy(10, 500, 2, 60_000));
    }

    public EngineSettings withWorkersMax(int workers) {
        return new EngineSettings(
                workers,
                inlineMax,
                sweepMillis,
                leaseMillis,
                lostAfterMillis,
                idleWorkerMillis,
                stopGraceMillis,
                infraRetry);
    }
}
