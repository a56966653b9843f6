package dev.perennial.predictionlog;

import java.io.IOException;

/** Where the bytes of one segment go. Not thread-safe. */
public interface SegmentSink extends AutoCloseable {
    /**
     * Takes bytes that follow all before. When it returns, the death of this process does not lose them; when it fails, none of them are
     * taken.
     *
     * @param length how many of them, from the first
     * @throws IOException when they cannot be kept
     */
    void write(byte[] bytes, int length) throws IOException;

    /** Waits until the file holds everything that was taken. */
    void settle() throws IOException;

    /** Waits until everything that was taken is on the device. */
    void force() throws IOException;

    @Override
    void close() throws IOException;
}
