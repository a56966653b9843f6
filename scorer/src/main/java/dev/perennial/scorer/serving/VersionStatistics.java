package dev.perennial.scorer.serving;

import dev.perennial.kernel.ErrorCode;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a version has done since the process began, as the statistics of the Open Inference Protocol count it. Thread-safe.
 */
public final class VersionStatistics {
    /** Batches of more rows than this are counted together. */
    private static final int BATCH_MAX = 1_024;

    private final VersionMeters meters;
    private long last;
    private long rows;
    private long executions;
    private Duration success = Duration.NONE;
    private Duration fail = Duration.NONE;
    private Phases phases = Phases.NONE;
    private final Map<Integer, Phases> batches = new TreeMap<>();

    VersionStatistics(VersionMeters meters) {
        this.meters = meters;
    }

    /** How often something was done and how long that took in all. */
    public record Duration(long count, long nanos) {
        static final Duration NONE = new Duration(0, 0);

        Duration plus(long took) {
            return new Duration(count + 1, nanos + took);
        }
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

        Phases plus(Timing timing) {
            return new Phases(
                    queue.plus(timing.queue()),
                    input.plus(timing.input()),
                    infer.plus(timing.infer()),
                    output.plus(timing.output()));
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
        executions++;
        success = success.plus(timing.all());
        phases = phases.plus(timing);
        batches.merge(Math.min(batch, BATCH_MAX), Phases.NONE.plus(timing), (before, one) -> before.plus(timing));
    }

    void failed(long now, ErrorCode code, long took) {
        meters.failed(code);
        count(now, took);
    }

    private synchronized void count(long now, long took) {
        last = now;
        fail = fail.plus(took);
    }

    synchronized Snapshot snapshot(String version) {
        return new Snapshot(version, last, rows, executions, success, fail, phases, Map.copyOf(batches));
    }
}
