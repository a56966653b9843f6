package dev.perennial.scorer.serving;

/** When the steps of a call ended, by {@link System#nanoTime}. Not thread-safe: one thread after the other writes it. */
final class Progress {
    private long begun;
    private long read;
    private long inferred;

    void begun() {
        begun = System.nanoTime();
    }

    void read() {
        read = System.nanoTime();
    }

    void inferred() {
        inferred = System.nanoTime();
    }

    /**
     * @param since when the request was whole
     * @param end when the answer was encoded
     */
    VersionStatistics.Timing timing(long since, long end) {
        return new VersionStatistics.Timing(begun - since, read - begun, inferred - read, end - inferred);
    }
}
