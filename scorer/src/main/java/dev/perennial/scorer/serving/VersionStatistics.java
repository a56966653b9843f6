package dev.perennial.scorer.serving;

import dev.perennial.kernel.ErrorCode;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a version has done since the process began, as the statistics of the Open Inference Protocol count it. Thread-safe.
 */
public final class VersionStatistics {
    /** Batches of more rows than this are counted together. */
    private static final int BATCH_MAX = 1_024;

    private final VersionMeters meters;
    private long last;
    private long rows;
    private long failed;
    private long failedNanos;
    private final Sums phases = new Sums();
    /** By number of rows; no longer than the largest batch so far. */
    private @Nullable Sums[] batches = new @Nullable Sums[2];

    VersionStatistics(VersionMeters meters) {
        this.meters = meters;
    }

    /** How often something was done and how long that took in all. */
    public record Duration(long count, long nanos) {
        static final Duration NONE = new Duration(0, 0);
    }

    /**
     * Where the time of requests went.
     *
     * @param queue from the whole request to its begin
     * @param input until it was decoded and checked
     * @param infer until the model had answered, with what is logged
     * @param output until the answer was encoded
     */
    public record Phases(Duration queue, Duration input, Duration infer, Duration output) {
        static final Phases NONE = new Phases(Duration.NONE, Duration.NONE, Duration.NONE, Duration.NONE);
    }

    /** Phases that grow; every request has a share of each. */
    private static final class Sums {
        private long count;
        private long queue;
        private long input;
        private long infer;
        private long output;

        void add(Timing timing) {
            count++;
            queue += timing.queue();
            input += timing.input();
            infer += timing.infer();
            output += timing.output();
        }

        Duration all() {
            return new Duration(count, queue + input + infer + output);
        }

        Phases phases() {
            return new Phases(
                    new Duration(count, queue),
                    new Duration(count, input),
                    new Duration(count, infer),
                    new Duration(count, output));
        }
    }

    /** One request's share of the phases, in nanoseconds. */
    record Timing(long queue, long input, long infer, long output) {
        long all() {
            return queue + input + infer + output;
        }
    }

    /**
     * The state at one moment.
     *
     * @param last epoch millis of the last request, 0 before the first
     * @param rows rows answered
     * @param executions requests that ran the model
     * @param batches phases by number of rows; 1,024 stands for more, too
     */
    public record Snapshot(
            String version,
            long last,
            long rows,
            long executions,
            Duration success,
            Duration fail,
            Phases phases,
            Map<Integer, Phases> batches) {}

    void succeeded(long now, int batch, Timing timing) {
        meters.succeeded(timing);
        count(now, batch, timing);
    }

    private synchronized void count(long now, int batch, Timing timing) {
        last = now;
        rows += batch;
        phases.add(timing);
        int size = Math.clamp(batch, 0, BATCH_MAX);
        if (size >= batches.length) {
            batches = Arrays.copyOf(batches, size + 1);
        }
        Sums sums = batches[size];
        if (sums == null) {
            sums = new Sums();
            batches[size] = sums;
        }
        sums.add(timing);
    }

    void failed(long now, ErrorCode code, long took) {
        meters.failed(code);
        count(now, took);
    }

    private synchronized void count(long now, long took) {
        last = now;
        failed++;
        failedNanos += took;
    }

    synchronized Snapshot snapshot(String version) {
        Map<Integer, Phases> bySize = new TreeMap<>();
        for (int size = 0; size < batches.length; size++) {
            Sums sums = batches[size];
            if (sums != null) {
                bySize.put(size, sums.phases());
            }
        }
        return new Snapshot(
                version,
                last,
                rows,
                phases.count,
                phases.all(),
                new Duration(failed, failedNanos),
                phases.phases(),
                Map.copyOf(bySize));
    }
}
