package dev.perennial.worker.scoring;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** The bytes of a text file, unpacked, which tells how much of the file has been read. Not thread-safe. */
final class CountedInput extends FilterInputStream {
    private static final int BUFFER_BYTES = 1 << 16;

    private final Counter counter;
    private final long size;

    private CountedInput(InputStream unpacked, Counter counter, long size) {
        super(unpacked);
        this.counter = counter;
        this.size = size;
    }

    static CountedInput open(Path file, boolean gzip) throws IOException {
        Counter counter = new Counter(new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES));
        InputStream unpacked = counter;
        try {
            unpacked = gzip ? new GZIPInputStream(counter, BUFFER_BYTES) : counter;
            return new CountedInput(unpacked, counter, Math.max(1, Files.size(file)));
        } catch (IOException e) {
            counter.close();
            throw e;
        }
    }

    double share() {
        return Math.min(1, (double) counter.count / size);
    }

    private static final class Counter extends FilterInputStream {
        private long count;

        Counter(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int b = super.read();
            count += b < 0 ? 0 : 1;
            return b;
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            int n = super.read(into, from, length);
            count += Math.max(0, n);
            return n;
        }
    }
}
