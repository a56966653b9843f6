package dev.perennial.scorer.serving;

import dev.perennial.scorer.telemetry.TraceContext;
import dev.perennial.scorer.telemetry.Traces;
import org.jspecify.annotations.Nullable;

/** When the steps of a call ended, by {@link System#nanoTime}. Not thread-safe: one thread after the other writes it. */
final class Progress {
    private final @Nullable TraceContext trace;
    private long begun;
    private long read;
    private long inferred;

    /** @param trace of the request; null when it has none */
    Progress(@Nullable TraceContext trace) {
        this.trace = trace;
    }

    @Nullable
    TraceContext trace() {
        return trace;
    }

    void begun() {
        begun = System.nanoTime();
    }

    void read() {
        read = System.nanoTime();
    }

    void inferred() {
        inferred = System.nanoTime();
    }

    /** The same as moments. */
    Traces.Times times(long since, long end) {
        return new Traces.Times(since, begun, read, inferred, end);
    }

    /**
     * @param since when the request was whole
     * @param end when the answer was encoded
     */
    VersionStatistics.Timing timing(long since, long end) {
        return new VersionStatistics.Timing(begun - since, read - begun, inferred - read, end - inferred);
    }
}
