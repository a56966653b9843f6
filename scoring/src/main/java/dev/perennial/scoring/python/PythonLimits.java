package dev.perennial.scoring.python;

/**
 * What a model's process may take.
 *
 * @param residentBytes memory that it really takes, together with the processes it started; its address space is four times that
 * @param requestMillis time for one call
 * @param startMillis time from the start of the process until its model is loaded
 * @param recycleAfter calls after which another process takes its place
 * @param openFiles files that it may have open
 * @param processes that it may start and keep
 */
public record PythonLimits(
        long residentBytes, long requestMillis, long startMillis, long recycleAfter, int openFiles, int processes) {
    private static final int ADDRESS_FACTOR = 4;

    /** 1 GiB, 10 s for a call, a minute for the start, 10,000 calls, 256 open files, 64 processes. */
    public static final PythonLimits DEFAULT = new PythonLimits(1L << 30, 10_000, 60_000, 10_000, 256, 64);

    /** The same with another limit of memory; 0: with this one. */
    public PythonLimits withResident(long bytes) {
        return bytes == 0
                ? this
                : new PythonLimits(bytes, requestMillis, startMillis, recycleAfter, openFiles, processes);
    }

    /** What its address space may have: numpy reserves more than it takes. */
    public long addressBytes() {
        return residentBytes > Long.MAX_VALUE / ADDRESS_FACTOR ? Long.MAX_VALUE : residentBytes * ADDRESS_FACTOR;
    }
}
