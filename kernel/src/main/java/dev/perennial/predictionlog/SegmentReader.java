package dev.perennial.predictionlog;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Reads segments. A file that was never sealed is read up to the first frame that is not whole (its writer was killed there); in a
 * sealed one every byte counts, and anything wrong is an error. Who takes in a delivered segment checks {@link Segment#sealed()}.
 */
public final class SegmentReader {
    static final int STEP_BYTES = 64 << 10;

    private SegmentReader() {}

    public static Segment read(Path file) {
        return read(file, () -> {});
    }

    /**
     * Reads a segment file little by little.
     *
     * @param pause called after each {@link #STEP_BYTES}, some 0.1 ms of work, so that others get their turn
     */
    static Segment read(Path file, Runnable pause) {
        try {
            return read(Files.readAllBytes(file), pause);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read segment " + file, e);
        }
    }

    /** Reads a segment in memory; the array must not be changed afterwards. */
    public static Segment read(byte[] bytes) {
        return read(bytes, () -> {});
    }

    private static Segment read(byte[] bytes, Runnable pause) {
        if (bytes.length < Frames.MAGIC.length
                || !Arrays.equals(bytes, 0, Frames.MAGIC.length, Frames.MAGIC, 0, Frames.MAGIC.length)) {
            throw FrameDecoder.malformed(
                    "it does not start with " + new String(Frames.MAGIC, StandardCharsets.US_ASCII));
        }
        Scan scan = new Scan(bytes);
        if (!scan.next() || scan.kind() != Frames.HEADER) {
            throw FrameDecoder.malformed("its header is torn");
        }
        SegmentHeader header = Json.read(scan.text(), SegmentHeader.class);
        scan.hashLeaf();
        int firstRecord = scan.at;
        int end = firstRecord;
        int leaves = 0;
        int tallies = 0;
        int next = STEP_BYTES;
        while (scan.next()) {
            if (scan.at >= next) {
                next = scan.at + STEP_BYTES;
                pause.run();
            }
            if (scan.kind() == Frames.SEAL) {
                Digest root = scan.root.root();
                checkSeal(scan, root, leaves);
                return new Segment(bytes, header, new Segment.Extent(firstRecord, end, leaves, tallies), true, root);
            }
            scan.hashLeaf();
            end = scan.at;
            leaves++;
            tallies += Frames.counts(scan.kind()) ? 1 : 0;
        }
        Segment.Extent extent = new Segment.Extent(firstRecord, end, leaves, tallies);
        return new Segment(bytes, header, extent, false, scan.root.root());
    }

    static byte[] sealPayload(int leaves, Digest root) {
        return (leaves + " " + root).getBytes(StandardCharsets.US_ASCII);
    }

    private static void checkSeal(Scan scan, Digest root, int leaves) {
        String expected = new String(sealPayload(leaves, root), StandardCharsets.US_ASCII);
        if (!scan.text().equals(expected)) {
            throw FrameDecoder.malformed("its seal says '" + scan.text() + "', its content '" + expected + "'");
        }
        if (scan.at != scan.bytes.length) {
            throw FrameDecoder.malformed((scan.bytes.length - scan.at) + " bytes behind its seal");
        }
    }

    /** Walks over whole frames. */
    private static final class Scan {
        private final byte[] bytes;
        private final ByteBuffer in;
        private final CRC32C crc = new CRC32C();
        private final MerkleRoot root = new MerkleRoot();
        private int payload;
        private int length;
        private int at = Frames.MAGIC.length;

        Scan(byte[] bytes) {
            this.bytes = bytes;
            this.in = ByteBuffer.wrap(bytes);
        }

        /** Moves behind the next frame; false when it is not whole. */
        boolean next() {
            if (bytes.length - at < Frames.PREFIX_BYTES) {
                return false;
            }
            length = in.getInt(at);
            payload = at + Frames.PREFIX_BYTES;
            if (length < 1 || length > Frames.PAYLOAD_BYTES_MAX || length > bytes.length - payload) {
                return false;
            }
            crc.reset();
            crc.update(bytes, payload, length);
            if ((int) crc.getValue() != in.getInt(at + Integer.BYTES)) {
                return false;
            }
            at = payload + length;
            return true;
        }

        byte kind() {
            return bytes[payload];
        }

        String text() {
            return new String(bytes, payload + 1, length - 1, StandardCharsets.UTF_8);
        }

        void hashLeaf() {
            root.add(bytes, payload, length);
        }
    }
}
