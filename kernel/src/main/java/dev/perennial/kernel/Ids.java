package dev.perennial.kernel;

import java.time.InstantSource;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** Makes identifiers: UUID version 7, ordered by time. Clock and randomness are given, so that tests repeat. Thread-safe. */
public final class Ids {
    private final InstantSource clock;
    private final RandomGenerator random;

    public Ids(InstantSource clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    /** A new UUIDv7 in its 36-character form. */
    public synchronized String next() {
        long millis = clock.millis();
        long high = (millis << 16) | 0x7000L | (random.nextLong() & 0x0fffL);
        long low = (random.nextLong() & 0x3fffffffffffffffL) | 0x8000000000000000L;
        return new UUID(high, low).toString();
    }

    /** A new identifier of 32 hexadecimal digits, the form of MLflow's run ids. */
    public String nextHex() {
        return next().replace("-", "");
    }
}
