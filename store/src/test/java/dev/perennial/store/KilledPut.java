package dev.perennial.store;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A process that dies while it stores a blob. */
public final class KilledPut {
    static final byte[] BYTES = "half of this arrives ".repeat(20_000).getBytes(StandardCharsets.US_ASCII);
    static final int KILLED = 137;

    private KilledPut() {}

    public static void main(String[] arguments) {
        InputStream dying = new ByteArrayInputStream(BYTES) {
            @Override
            public int read(byte[] buffer, int offset, int length) {
                if (pos > BYTES.length / 2) {
                    Runtime.getRuntime().halt(KILLED);
                }
                return super.read(buffer, offset, length);
            }
        };
        new FileBlobStore(Path.of(arguments[0])).put(dying);
    }
}
