package dev.perennial.worker;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits for conditions. */
final class Waiting {
    private static final int SECONDS_MAX = 60;
    private static final int POLL_MILLIS = 10;

    private Waiting() {}

    static void until(BooleanSupplier condition) {
        CountDownLatch never = new CountDownLatch(1);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_MAX);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited " + SECONDS_MAX + " s in vain");
            }
            try {
                if (never.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                    throw new AssertionError("never");
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
