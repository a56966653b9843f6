package dev.perennial.features;

import org.jspecify.annotations.Nullable;

/** Makes one or more features from the rows of one source. Not thread-safe. */
interface Operator {
    String source();

    /** The column whose becoming known makes a row a candidate. */
    String column();

    /** Takes a row whose {@link #column()} became known. */
    void arrive(SourceRow row, long knownAt);

    /** Writes its features of a base row at {@code t} to their positions. */
    void features(SourceRow base, long t, @Nullable Object[] features);

    /** Forgets what no question at or after {@code time} can need. */
    void forgetBefore(long time);

    /** Rows or days that are kept. */
    long held();
}
