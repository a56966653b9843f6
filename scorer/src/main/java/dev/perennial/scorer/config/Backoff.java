package dev.perennial.scorer.config;

import java.util.random.RandomGenerator;

/** Waiting times between attempts: doubling, with jitter, bounded. Not thread-safe. */
public final class Backoff {
    private static final long FIRST_MILLIS = 100;
    private static final long LAST_MILLIS = 5_000;

    private final RandomGenerator random;
    private long next = FIRST_MILLIS;

    public Backoff(RandomGenerator random) {
        this.random = random;
    }

    public long nextMillis() {
        long millis = next / 2 + random.nextLong(next / 2 + 1);
        next = Math.min(LAST_MILLIS, next * 2);
        return millis;
    }

    public void reset() {
        next = FIRST_MILLIS;
    }
}
