package dev.perennial.predictionlog;

import dev.perennial.kernel.Digest;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A segment in memory, every frame's checksum verified. Records are decoded while iterating; iterating twice is allowed.
 */
public final class Segment implements Iterable<LogRecord> {
    private final byte[] bytes;
    private final SegmentHeader header;
    private final int firstRecord;
    private final int validBytes;
    private final int leaves;
    private final int tallies;
    private final boolean sealed;
    private final Digest root;

    Segment(byte[] bytes, SegmentHeader header, Extent extent, boolean sealed, Digest root) {
        this.bytes = bytes;
        this.header = header;
        this.firstRecord = extent.firstRecord();
        this.validBytes = extent.validBytes();
        this.leaves = extent.leaves();
        this.tallies = extent.tallies();
        this.sealed = sealed;
        this.root = root;
    }

    /**
     * Where the records lie: from the first record's frame to the end of the last whole one.
     *
     * @param leaves records and tallies
     * @param tallies of either kind
     */
    record Extent(int firstRecord, int validBytes, int leaves, int tallies) {}

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
        return leaves - tallies;
    }

    /** Number of records and tallies. */
    int leaves() {
        return leaves;
    }

    /** What is told of rows that the log does not hold, in the order in which it was written. */
    public List<Tally> tallies() {
        return counted(Frames.TALLY, FrameDecoder::tally);
    }

    /** What is told of calls of tensors, in the order in which it was written. */
    public List<CallTally> calls() {
        return counted(Frames.CALLS, FrameDecoder::calls);
    }

    private <T> List<T> counted(byte kind, Function<FrameDecoder, T> decoding) {
        List<T> all = new ArrayList<>(tallies);
        for (int at = firstRecord; at < validBytes; at = end(at)) {
            if (kind(at) == kind) {
                FrameDecoder decoder = decoder(at);
                all.add(whole(() -> decoding.apply(decoder)));
            }
        }
        return all;
    }

    private byte kind(int frame) {
        return bytes[frame + Frames.PREFIX_BYTES];
    }

    private int end(int frame) {
        return frame
                + Frames.PREFIX_BYTES
                + ByteBuffer.wrap(bytes, frame, Integer.BYTES).getInt();
    }

    private FrameDecoder decoder(int frame) {
        int payload = frame + Frames.PREFIX_BYTES;
        return new FrameDecoder(ByteBuffer.wrap(bytes, payload, end(frame) - payload), header.columns());
    }

    /** Size of the file as far as its frames are whole, without the seal; what follows in an unsealed file is a torn tail. */
    public long validBytes() {
        return validBytes;
    }

    @Override
    public Iterator<LogRecord> iterator() {
        return new Iterator<>() {
            private int at = record(firstRecord);

            @Override
            public boolean hasNext() {
                return at < validBytes;
            }

            /** The first frame from there on that is no tally. */
            private int record(int from) {
                int next = from;
                while (next < validBytes && Frames.counts(kind(next))) {
                    next = end(next);
                }
                return next;
            }

            @Override
            public LogRecord next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                int frame = at;
                at = record(end(frame));
                return whole(decoder(frame)::record);
            }
        };
    }

    private static <T> T whole(Supplier<T> decoding) {
        try {
            return decoding.get();
        } catch (BufferUnderflowException e) {
            throw FrameDecoder.malformed("a record that ends too early");
        }
    }
}
