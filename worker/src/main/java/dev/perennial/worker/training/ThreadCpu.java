package dev.perennial.worker.training;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/** CPU time of the current thread; a step and its trainer run on one thread. */
final class ThreadCpu {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private final long startNanos;

    private ThreadCpu(long startNanos) {
        this.startNanos = startNanos;
    }

    static ThreadCpu start() {
        return new ThreadCpu(THREADS.getCurrentThreadCpuTime());
    }

    long nanos() {
        return THREADS.getCurrentThreadCpuTime() - startNanos;
    }

    long millis() {
        return nanos() / 1_000_000;
    }
}
