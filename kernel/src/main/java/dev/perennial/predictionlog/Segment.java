package dev.perennial.predictionlog;

import dev.perennial.kernel.Digest;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * A segment in memory, every frame's checksum verified. Records are decoded while iterating; iterating twice is allowed.
 */
public final class Segment implements Iterable<LogRecord> {
    private final byte[] bytes;
    private final SegmentHeader header;
    private final int firstRecord;
    private final int validBytes;
    private final int records;
    private final boolean sealed;
    private final Digest root;

    Segment(byte[] bytes, SegmentHeader header, Extent extent, boolean sealed, Digest root) {
        this.bytes = bytes;
        this.header = header;
        this.firstRecord = extent.firstRecord();
        this.validBytes = extent.validBytes();
        this.records = extent.records();
        this.sealed = sealed;
        this.root = root;
    }

    /** Where the records lie: from the first record's frame to the end of the last whole one. */
    record Extent(int firstRecord, int validBytes, int records) {}

    public SegmentHeader header() {
        return header;
    }

    /** Whether the seal frame is there and its root matched: nothing is missing, nothing was changed. */
    public boolean sealed() {
        return sealed;
    }

    /** RFC 6962 tree hash over the payloads of header and records. */
    public Digest root() {
        return root;
    }

    /** Number of records. */
    public int count() {
        return records;
    }

    /** Size of the file as far as its frames are whole, without the seal; what follows in an unsealed file is a torn tail. */
    public long validBytes() {
        return validBytes;
    }

    @Override
    public Iterator<LogRecord> iterator() {
        return new Iterator<>() {
            private int at = firstRecord;

            @Override
            public boolean hasNext() {
                return at < validBytes;
            }

            @Override
            public LogRecord next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                ByteBuffer frame = ByteBuffer.wrap(bytes, at, validBytes - at);
                int length = frame.getInt();
                at += Frames.PREFIX_BYTES + length;
                return decode(ByteBuffer.wrap(bytes, at - length, length));
            }
        };
    }

    private LogRecord decode(ByteBuffer payload) {
        try {
            return new FrameDecoder(payload, header.columns()).record();
        } catch (BufferUnderflowException e) {
            throw FrameDecoder.malformed("a record that ends too early");
        }
    }
}
