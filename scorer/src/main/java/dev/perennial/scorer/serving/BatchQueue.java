package dev.perennial.scorer.serving;

import dev.perennial.scorer.config.ScorerConfig.LimitsConfig;
import dev.perennial.scorer.telemetry.Traces;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The calls of one endpoint that wait for a thread, the nearest deadline first. A free thread takes what is there at once, up to a limit
 * that grows while batches stay short and shrinks when they do not; nothing is held back to fill a batch. Bounded in calls and bytes.
 * Thread-safe.
 */
final class BatchQueue {
    /** A batch that takes longer makes the next ones smaller. */
    static final long OBJECTIVE_NANOS = TimeUnit.MILLISECONDS.toNanos(25);

    private static final double SHRINK = 0.9;
    private static final int LIMIT_MAX = 256;
    private static final long BATCH_BYTES_MAX = 4L << 20;

    private final Executor threads;
    private final Bounds most;
    private Bounds bounds;
    private final Consumer<List<Waiting>> work;
    private final PriorityQueue<Waiting> queue = new PriorityQueue<>(Comparator.comparingLong(Waiting::order));
    private long bytes;
    private int running;
    private double limit = 1;

    /**
     * A call that waits.
     *
     * @param serving leased for it
     * @param loop runs what answers on the caller's event loop
     */
    record Waiting(
            Call call,
            Serving serving,
            Endpoint endpoint,
            Inference.Answering answering,
            Executor loop,
            long order,
            Progress progress) {}

    /**
     * @param concurrency batches that may run at once
     * @param calls that may wait
     * @param bytes of calls that may wait
     */
    record Bounds(int concurrency, int calls, long bytes) {
        /**
         * These, as far as an endpoint does not set lower ones.
         *
         * @param instances that the endpoint's models have: so many batches may run at once
         */
        Bounds within(LimitsConfig own, int instances) {
            int most = Math.max(concurrency, instances);
            return new Bounds(
                    own.concurrency() == null ? most : Math.clamp(own.concurrency(), 1, most),
                    own.queueRows() == null ? calls : Math.clamp(own.queueRows(), 1, calls),
                    own.queueBytes() == null ? bytes : Math.clamp(own.queueBytes(), 1, bytes));
        }
    }

    /**
     * @param most what no endpoint can exceed
     * @param work is given each batch, whose calls all have the same endpoint
     */
    BatchQueue(Executor threads, Bounds most, Consumer<List<Waiting>> work) {
        this.threads = threads;
        this.most = most;
        this.bounds = most;
        this.work = work;
    }

    /** Takes a call; false when too much waits, and nothing was done. */
    synchronized boolean offer(
            Call call, Serving serving, Endpoint endpoint, Inference.Answering answering, Executor loop) {
        bounds = most.within(endpoint.config().limitsOrDefault(), endpoint.instances());
        if (queue.size() >= bounds.calls() || (!queue.isEmpty() && bytes + call.bytes() > bounds.bytes())) {
            return false;
        }
        long deadline = call.limit().deadlineNanos();
        long order = deadline == Long.MAX_VALUE ? call.since() + OBJECTIVE_NANOS : deadline;
        queue.add(new Waiting(call, serving, endpoint, answering, loop, order, new Progress(Traces.current())));
        bytes += call.bytes();
        if (running < bounds.concurrency()) {
            running++;
            threads.execute(this::run);
        }
        return true;
    }

    /** What the endpoint's calls are bounded by now. */
    synchronized Bounds bounds() {
        return bounds;
    }

    synchronized int waiting() {
        return queue.size();
    }

    /** Most calls that the next batch may have. */
    synchronized int limit() {
        return (int) limit;
    }

    /** One batch; then other endpoints have their turn on the thread. */
    private void run() {
        List<Waiting> batch = next();
        long begun = System.nanoTime();
        try {
            if (!batch.isEmpty()) {
                work.accept(batch);
            }
        } finally {
            ended(System.nanoTime() - begun);
        }
    }

    private synchronized List<Waiting> next() {
        List<Waiting> batch = new ArrayList<>();
        long size = 0;
        while (!queue.isEmpty() && batch.size() < (int) limit) {
            Waiting head = queue.peek();
            boolean fits = batch.isEmpty()
                    || (head.endpoint() == batch.getFirst().endpoint()
                            && size + head.call().bytes() <= BATCH_BYTES_MAX);
            if (!fits) {
                break;
            }
            batch.add(queue.poll());
            size += head.call().bytes();
            bytes -= head.call().bytes();
        }
        return batch;
    }

    private synchronized void ended(long nanos) {
        limit = nanos > OBJECTIVE_NANOS ? Math.max(1, limit * SHRINK) : Math.min(LIMIT_MAX, limit + 1);
        if (queue.isEmpty()) {
            running--;
        } else {
            threads.execute(this::run);
        }
    }
}
