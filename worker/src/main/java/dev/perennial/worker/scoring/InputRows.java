package dev.perennial.worker.scoring;

import dev.perennial.scoring.Row;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The rows of a file in its order, forward only. Not thread-safe. */
interface InputRows extends AutoCloseable {
    /** Takes rows one after the other. */
    interface Taker {
        /** An empty row to fill. */
        Row next();

        /** The row is filled; {@code problem} says why it cannot be scored, null when it can. */
        void filled(@Nullable String problem);
    }

    /**
     * Gives the next rows.
     *
     * @return how many there were; fewer than {@code count} only at the end of the file
     */
    int read(int count, Taker taker) throws IOException;

    /** Passes over the next rows; as {@link #read} without looking at them. */
    int skip(int count) throws IOException;

    /** How much of the file has been read, 0 to 1. */
    double share();

    @Override
    void close() throws IOException;
}
