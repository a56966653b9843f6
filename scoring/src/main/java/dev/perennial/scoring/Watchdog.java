package dev.perennial.scoring;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Ends runs of foreign models that exceed their time: a graph may loop for ever. */
final class Watchdog {
    private static final long BASE_MILLIS = 2_000;
    private static final long PER_ROW_MILLIS = 10;
    private static final long MOST_MILLIS = 60_000;

    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
            1, task -> Thread.ofPlatform().daemon().name("model-watchdog").unstarted(task));

    Watchdog() {
        timer.setRemoveOnCancelPolicy(true);
    }

    /** What a run of so many rows may take. */
    static long nanos(long rows) {
        return TimeUnit.MILLISECONDS.toNanos(
                Math.min(MOST_MILLIS, BASE_MILLIS + PER_ROW_MILLIS * Math.min(rows, MOST_MILLIS)));
    }

    ScheduledFuture<?> watch(OrtSession.RunOptions run, long nanos) {
        return timer.schedule(() -> terminate(run), nanos, TimeUnit.NANOSECONDS);
    }

    private static void terminate(OrtSession.RunOptions run) {
        synchronized (run) {
            try {
                run.setTerminate(true);
            } catch (OrtException | IllegalStateException e) {
                throw new IllegalStateException("a run ended while it was being terminated", e);
            }
        }
    }
}
