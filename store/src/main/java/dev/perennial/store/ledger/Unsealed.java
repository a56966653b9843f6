package dev.perennial.store.ledger;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Counts entries since the last checkpoint and wakes the sealer. Thread-safe. */
final class Unsealed {
    private static final int ENTRIES_MAX = 256;
    private static final int SECONDS_MAX = 10;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long entries;
    private boolean closed;

    void add(int count) {
        lock.lock();
        try {
            entries += count;
            if (entries >= ENTRIES_MAX || entries == count) {
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until a checkpoint is due: enough entries, or the first of them is old enough. Returns {@code false} at the end. Without
     * entries it sleeps without waking.
     */
    boolean awaitDue() throws InterruptedException {
        lock.lock();
        try {
            while (entries == 0 && !closed) {
                changed.await();
            }
            long left = TimeUnit.SECONDS.toNanos(SECONDS_MAX);
            while (entries < ENTRIES_MAX && left > 0 && !closed) {
                left = changed.awaitNanos(left);
            }
            entries = 0;
            return !closed;
        } finally {
            lock.unlock();
        }
    }
}
