package dev.perennial.scorer;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that does one thing after the other: copies for shadow variants, which are dropped when too many rows wait, and barriers
 * between them, which are never dropped. Thread-safe.
 */
public final class OrderedQueue implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OrderedQueue.class);

    private final LinkedBlockingQueue<Job> jobs = new LinkedBlockingQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final int rowsMax;
    private final Thread thread;
    private volatile boolean closed;

    private record Job(int rows, Runnable work) {}

    public OrderedQueue(String name, int rowsMax) {
        this.rowsMax = rowsMax;
        this.thread = Thread.ofPlatform().daemon().name(name).start(this::run);
    }

    /** Takes work on some rows; false when more rows than allowed would wait. */
    public boolean offer(int rows, Runnable work) {
        if (waiting.addAndGet(rows) > rowsMax) {
            waiting.addAndGet(-rows);
            return false;
        }
        jobs.add(new Job(rows, work));
        return true;
    }

    /** Takes work that must be done after everything offered before. */
    public void barrier(Runnable work) {
        jobs.add(new Job(0, work));
    }

    public int rowsWaiting() {
        return waiting.get();
    }

    private void run() {
        while (!closed || !jobs.isEmpty()) {
            try {
                Job job = jobs.poll(1, TimeUnit.SECONDS);
                if (job != null) {
                    work(job);
                }
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void work(Job job) {
        try {
            job.work.run();
        } catch (RuntimeException e) {
            LOG.error("queued work failed", e);
        } finally {
            waiting.addAndGet(-job.rows);
        }
    }

    /** Does what is queued, then ends; waits so long at most. */
    public void drain(long millis) throws InterruptedException {
        closed = true;
        barrier(() -> {});
        thread.join(millis);
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
