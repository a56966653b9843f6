package dev.perennial.scorer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lane for each endpoint, in which one thing is done after the other: copies for shadow variants, which are dropped when too many rows
 * wait, and barriers between them, which are never dropped. Lanes do not wait for each other, and barriers do not wait for ever: once a
 * copy takes longer than {@link #HANGING_NANOS}, the barriers behind it pass it. Thread-safe.
 */
public final class Lanes implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Lanes.class);
    private static final long THREAD_IDLE_SECONDS = 10;
    /** A copy that takes longer holds up nothing but the copies behind it. */
    static final long HANGING_NANOS = TimeUnit.SECONDS.toNanos(15);

    private final Map<String, Lane> lanes = new ConcurrentHashMap<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final int rowsMax;
    private final ThreadPoolExecutor threads;
    private volatile boolean closed;

    private record Job(int rows, boolean barrier, Runnable work) {}

    /** @param rowsMax rows that may wait in each lane */
    public Lanes(int rowsMax) {
        this.rowsMax = rowsMax;
        this.threads = new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                THREAD_IDLE_SECONDS,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                task -> Thread.ofPlatform().daemon().name("lane").unstarted(task));
    }

    /** Takes work on some rows of an endpoint; false when more rows than allowed would wait. */
    public boolean offer(String endpoint, int rows, Runnable work) {
        return lane(endpoint).add(new Job(rows, false, work));
    }

    /** Takes work that must be done after everything offered before for that endpoint. */
    public void barrier(String endpoint, Runnable work) {
        lane(endpoint).add(new Job(0, true, work));
    }

    /** Takes work that must be done after everything offered before, whatever the endpoint. */
    public void barrier(Runnable work) {
        List<Lane> all = List.copyOf(lanes.values());
        AtomicInteger left = new AtomicInteger(all.size() + 1);
        Runnable passed = () -> {
            if (left.decrementAndGet() == 0) {
                work.run();
            }
        };
        all.forEach(lane -> lane.add(new Job(0, true, passed)));
        lane("").add(new Job(0, true, passed));
    }

    public int rowsWaiting() {
        return waiting.get();
    }

    /** Lets barriers pass copies that hang; to be called now and then. */
    public void passHanging(long nowNanos) {
        lanes.values().forEach(lane -> lane.passHanging(nowNanos));
    }

    private Lane lane(String endpoint) {
        return lanes.computeIfAbsent(endpoint, Lane::new);
    }

    /** Does what is queued, then ends; waits so long at most. */
    public void drain(long millis) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        barrier(done::countDown);
        if (!done.await(millis, TimeUnit.MILLISECONDS)) {
            LOG.warn("{} rows still wait for shadow variants", waiting.get());
        }
        close();
    }

    @Override
    public void close() {
        closed = true;
        threads.shutdownNow();
    }

    private final class Lane {
        private final String name;
        private final ArrayDeque<Job> jobs = new ArrayDeque<>();
        private int rows;
        private boolean running;
        private long since;
        private boolean told;
        private boolean passing;

        Lane(String name) {
            this.name = name;
        }

        synchronized boolean add(Job job) {
            if (closed || (!job.barrier && rows + job.rows > rowsMax)) {
                return false;
            }
            if (!running) {
                try {
                    threads.execute(this::run);
                } catch (RejectedExecutionException e) { // closed since
                    return false;
                }
                running = true;
                since = System.nanoTime();
            }
            rows += job.rows;
            waiting.addAndGet(job.rows);
            jobs.add(job);
            return true;
        }

        private void run() {
            for (Job job = next(); job != null; job = next()) {
                work(job);
            }
        }

        private synchronized @Nullable Job next() {
            while (passing) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    running = false;
                    return null;
                }
            }
            Job job = closed ? null : jobs.poll();
            since = System.nanoTime();
            told = false;
            running = job != null;
            return job;
        }

        private void work(Job job) {
            try {
                job.work.run();
            } catch (RuntimeException e) {
                LOG.error("queued work of '{}' failed", name, e);
            } finally {
                synchronized (this) {
                    rows -= job.rows;
                }
                waiting.addAndGet(-job.rows);
            }
        }

        private void passHanging(long nowNanos) {
            List<Job> barriers = new ArrayList<>();
            synchronized (this) {
                if (!running || nowNanos - since < HANGING_NANOS) {
                    return;
                }
                for (Iterator<Job> all = jobs.iterator(); all.hasNext(); ) {
                    Job job = all.next();
                    if (job.barrier) {
                        barriers.add(job);
                        all.remove();
                    }
                }
                passing = !barriers.isEmpty();
                if (!told && passing) {
                    told = true;
                    LOG.warn("a shadow variant of '{}' hangs; its copies come later than the answers they copy", name);
                }
            }
            if (!barriers.isEmpty()) {
                barriers.forEach(this::work);
                synchronized (this) { // what comes after these barriers comes after them
                    passing = false;
                    notifyAll();
                }
            }
        }
    }
}
