package dev.perennial.lifecycle;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.pipelines.PipelineEngine;
import dev.perennial.pipelines.RunId;
import dev.perennial.pipelines.RunView;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Waits for pipeline runs that a caller waits for. */
final class Runs {
    private static final long LOOK_MILLIS = 20;

    private Runs() {}

    /** The run when it has ended; empty when {@code patience} ends before. */
    static Optional<RunView> ended(PipelineEngine engine, RunId run, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            RunView view = engine.find(run).orElseThrow();
            if (view.state().terminal()) {
                return Optional.of(view);
            }
            if (System.nanoTime() >= deadline) {
                return Optional.empty();
            }
            pause();
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PerennialException(ErrorCode.UNAVAILABLE, "interrupted while waiting for a run");
        }
    }
}
