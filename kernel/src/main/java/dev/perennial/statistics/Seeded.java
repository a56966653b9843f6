package dev.perennial.statistics;

/**
 * A small random generator (SplitMix64) whose stream is fixed by this file alone, so that a verdict computed again years later on another
 * Java version draws the same numbers.
 */
final class Seeded {
    private static final long GAMMA = 0x9e3779b97f4a7c15L;
    private long state;

    Seeded(long seed) {
        state = seed;
    }

    long nextLong() {
        state += GAMMA;
        long z = state;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /** Uniform in [0, bound); the bias of the multiply-shift is below bound / 2^32. */
    int below(int bound) {
        return (int) (((nextLong() >>> 32) * bound) >>> 32);
    }

    /** Uniform in [0, 1). */
    double nextDouble() {
        return (nextLong() >>> 11) * 0x1.0p-53;
    }
}
