package dev.perennial.scoring.schema;

import org.jspecify.annotations.Nullable;

/**
 * A value of a datetime column.
 *
 * @param sinceEpoch nanoseconds since 1970 in UTC
 */
public record Nanos(long sinceEpoch) {
    private static final long MILLI = 1_000_000;

    /** The time that an ISO text names, in UTC when it names no zone; null when it is none. */
    public static @Nullable Nanos parse(String text) {
        return Times.strict(text);
    }

    /** Milliseconds since 1970, rounded down. */
    public long millis() {
        return Math.floorDiv(sinceEpoch, MILLI);
    }
}
