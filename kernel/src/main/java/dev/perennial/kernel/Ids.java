package dev.perennial.kernel;

import java.time.InstantSource;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Makes identifiers: UUID version 7, in ascending order even within a millisecond and when the clock steps back. Clock and randomness are
 * given, so that tests repeat. Thread-safe.
 */
public final class Ids {
    private static final long COUNTER_MAX = 0xfff;

    private final InstantSource clock;
    private final RandomGenerator random;
    private long lastMillis = Long.MIN_VALUE;
    private long counter;

    public Ids(InstantSource clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    /** A new UUIDv7 in its 36-character form. */
    public synchronized String next() {
        long now = clock.millis();
        long start = random.nextLong() & COUNTER_MAX;
        if (now > lastMillis) {
            lastMillis = now;
            counter = start;
        } else if (counter < COUNTER_MAX) {
            counter++;
        } else {
            lastMillis++;
            counter = start;
        }
        long high = (lastMillis << 16) | 0x7000L | counter;
        long low = (random.nextLong() & 0x3fffffffffffffffL) | 0x8000000000000000L;
        return new UUID(high, low).toString();
    }

    /** A new identifier of 32 hexadecimal digits, the form of MLflow's run ids. */
    public String nextHex() {
        return next().replace("-", "");
    }
}
