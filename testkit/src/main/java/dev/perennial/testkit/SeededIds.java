package dev.perennial.testkit;

import dev.perennial.kernel.Ids;
import java.time.InstantSource;
import java.util.SplittableRandom;

/** Identifiers that are the same in every run of a test. */
public final class SeededIds {
    private SeededIds() {}

    public static Ids of(long seed, InstantSource clock) {
        return new Ids(clock, new SplittableRandom(seed));
    }

    /** Seed 1 and a clock that stands still. */
    public static Ids fixed() {
        return of(1, TestClock.fixed());
    }
}
