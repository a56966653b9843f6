package dev.perennial.predictionlog;

import java.nio.charset.StandardCharsets;

/**
 * The file format: eight bytes of magic, then frames {@code [length: int32][CRC-32C of payload: int32][payload]}, big-endian; the first
 * payload byte is the kind. Frame one is the header (JSON), then records, and when the segment is sealed one seal frame ends it, which
 * holds the number of leaves and the Merkle root over the payloads of header and records. The second form of the format adds sampled
 * predictions, tallies and a policy in the header; where everything is logged a segment is of the first form, byte for byte. Tallies of
 * calls are written only for servers that ask for them.
 */
final class Frames {
    static final byte[] MAGIC = "PRNLSEG1".getBytes(StandardCharsets.US_ASCII);
    static final int PREFIX_BYTES = 8;
    /** No single record may be larger. */
    static final int PAYLOAD_BYTES_MAX = 16 << 20;

    static final byte HEADER = 'H';
    static final byte PREDICTION = 'P';
    /** A prediction with the probability of being logged. */
    static final byte SAMPLED = 'Q';

    static final byte SHADOW = 'S';
    static final byte TALLY = 'C';
    /** What calls of tensors add up to. */
    static final byte CALLS = 'D';

    static final byte SEAL = 'Z';

    static final int ROLE_BITS = 0x03;
    static final int CONTROL = 0x04;
    static final int PAIRED = 0x08;
    static final int FAILED = 0x10;
    static final int DRAWN = 0x20;

    private Frames() {}

    /** Whether a frame counts what no record tells. */
    static boolean counts(byte kind) {
        return kind == TALLY || kind == CALLS;
    }
}
