package dev.perennial.scoring;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Goes through the fields of a protobuf message in a buffer, without copies: every length is checked against the message that holds it.
 * Not thread-safe.
 */
final class ProtoFields {
    private static final int VARINT = 0;
    private static final int FIXED_64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED_32 = 5;
    private static final int WIRE_BITS = 3;
    private static final int WIRE_MASK = 7;
    private static final int VARINT_BITS = 64;
    private static final int PAYLOAD_BITS = 7;
    private static final int PAYLOAD = 0x7f;

    private final ByteBuffer bytes;
    private final int end;
    private int at;
    private int field;
    private int wire;
    private long number;
    private int start;

    ProtoFields(ByteBuffer bytes) {
        this(bytes, bytes.position(), bytes.limit());
    }

    private ProtoFields(ByteBuffer bytes, int from, int end) {
        this.bytes = bytes;
        this.at = from;
        this.end = end;
    }

    /** The bytes are no protobuf. */
    static final class Malformed extends RuntimeException {
        Malformed(String message) {
            super(message, null, false, false);
        }
    }

    /**
     * Goes to the next field.
     *
     * @return its number, 0 at the end
     * @throws Malformed when it does not lie within the message
     */
    int next() {
        if (at >= end) {
            return 0;
        }
        long tag = varint();
        wire = (int) (tag & WIRE_MASK);
        long wanted = tag >>> WIRE_BITS;
        if (wanted == 0 || wanted > Integer.MAX_VALUE >> WIRE_BITS) {
            throw new Malformed("a field numbered " + wanted);
        }
        field = (int) wanted;
        switch (wire) {
            case VARINT -> number = varint();
            case FIXED_64 -> skip(Long.BYTES);
            case BYTES -> skip(varint());
            case FIXED_32 -> skip(Integer.BYTES);
            default -> throw new Malformed("field " + field + " of wire type " + wire);
        }
        return field;
    }

    /** Whether the field holds bytes: a text, a message, or packed numbers. */
    boolean holdsBytes() {
        return wire == BYTES;
    }

    /** Number of bytes of the field's value. */
    int length() {
        return wire == VARINT ? 1 : at - start;
    }

    /** The value of a number field. */
    long number() {
        if (wire != VARINT) {
            throw new Malformed("field " + field + " is no number");
        }
        return number;
    }

    /** The field's value as a message. */
    ProtoFields message() {
        if (wire != BYTES) {
            throw new Malformed("field " + field + " is no message");
        }
        return new ProtoFields(bytes, start, at);
    }

    /** The field's value as a text of at most so many bytes. */
    String text(int bytesMax) {
        if (wire != BYTES || at - start > bytesMax) {
            throw new Malformed("field " + field + " is no text of at most " + bytesMax + " bytes");
        }
        byte[] text = new byte[at - start];
        bytes.get(start, text);
        return new String(text, StandardCharsets.UTF_8);
    }

    /** Packed numbers, or a single one, each given to the taker. */
    void numbers(java.util.function.LongConsumer taker) {
        if (wire == VARINT) {
            taker.accept(number);
            return;
        }
        ProtoFields packed = message();
        while (packed.at < packed.end) {
            taker.accept(packed.varint());
        }
    }

    private void skip(long length) {
        start = at;
        if (length < 0 || length > end - at) {
            throw new Malformed("field " + field + " of " + Long.toUnsignedString(length) + " bytes where " + (end - at)
                    + " are left");
        }
        at += (int) length;
    }

    private long varint() {
        long value = 0;
        for (int shift = 0; shift < VARINT_BITS; shift += PAYLOAD_BITS) {
            if (at >= end) {
                throw new Malformed("a number that is cut off");
            }
            byte next = bytes.get(at++);
            value |= (long) (next & PAYLOAD) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new Malformed("a number of more than ten bytes");
    }
}
