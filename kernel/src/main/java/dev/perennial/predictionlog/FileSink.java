package dev.perennial.predictionlog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Hands bytes to the operating system at once, and waits while that waits for the disk. What failed is cut off again. */
final class FileSink implements SegmentSink {
    private final FileChannel channel;
    private long size;

    /** @param size where the bytes go on */
    FileSink(FileChannel channel, long size) throws IOException {
        this.channel = channel;
        this.size = size;
        channel.position(size);
    }

    @Override
    public void write(byte[] bytes, int length) throws IOException {
        ByteBuffer out = ByteBuffer.wrap(bytes, 0, length);
        try {
            while (out.hasRemaining()) {
                channel.write(out);
            }
        } catch (IOException e) {
            channel.truncate(size);
            channel.position(size);
            throw e;
        }
        size += length;
    }

    @Override
    public void settle() {}

    @Override
    public void force() throws IOException {
        channel.force(false);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
