package dev.perennial.scorer.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/** Writes into files of the prediction log; each call may take as long as the disk does. Thread-safe. */
interface Disk extends AutoCloseable {
    /** Writes all bytes at a place of a file, which is made when it is not there. Done again it changes nothing. */
    void write(Path file, long at, ByteBuffer bytes) throws IOException;

    /** Waits until the file is on the device. */
    void force(Path file) throws IOException;

    /** Lets go of a file. */
    void close(Path file) throws IOException;

    @Override
    void close() throws IOException;

    /** The real one. */
    static Disk ofFiles() {
        return new Disk() {
            private final Map<Path, FileChannel> open = new HashMap<>();

            private synchronized FileChannel channel(Path file) throws IOException {
                FileChannel channel = open.get(file);
                if (channel == null) {
                    channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    open.put(file, channel);
                }
                return channel;
            }

            @Override
            public void write(Path file, long at, ByteBuffer bytes) throws IOException {
                FileChannel channel = channel(file);
                long to = at;
                while (bytes.hasRemaining()) {
                    to += channel.write(bytes, to);
                }
            }

            @Override
            public void force(Path file) throws IOException {
                channel(file).force(false);
            }

            @Override
            public synchronized void close(Path file) throws IOException {
                FileChannel channel = open.remove(file);
                if (channel != null) {
                    channel.close();
                }
            }

            @Override
            public synchronized void close() throws IOException {
                for (FileChannel channel : open.values()) {
                    channel.close();
                }
                open.clear();
            }
        };
    }
}
