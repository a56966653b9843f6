package dev.perennial.scorer.grpc;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads one protobuf message field by field from part of an array. Nothing is copied but texts; lengths are checked against what is
 * there before anything is made of them. Not thread-safe.
 *
 * <pre>{@code
 * while (in.next()) {
 *     switch (in.field()) {
 *         case 1 -> name = in.text();
 *         default -> in.skip();
 *     }
 * }
 * }</pre>
 */
final class ProtoReader {
    static final int VARINT = 0;
    static final int FIXED64 = 1;
    static final int LENGTH = 2;
    static final int FIXED32 = 5;
    private static final int TYPE_BITS = 3;
    private static final int TYPE = 7;
    private static final int MORE = 0x80;
    private static final int SEVEN_BITS = 0x7f;
    private static final int VARINT_BITS = 7;
    private static final int FIELD_MAX = (1 << 29) - 1;
    private static final int TEXT_BYTES_MAX = 64 << 10;

    private final byte[] bytes;
    private final int end;
    private int at;
    private int field;
    private int type;

    ProtoReader(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    private ProtoReader(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.at = from;
        this.end = end;
    }

    /** Goes to the next field; false at the end. */
    boolean next() {
        if (at == end) {
            return false;
        }
        long tag = varint();
        field = (int) (tag >>> TYPE_BITS);
        type = (int) (tag & TYPE);
        if (tag >>> TYPE_BITS > FIELD_MAX || field == 0) {
            throw malformed("the field number " + (tag >>> TYPE_BITS) + " does not exist");
        }
        return true;
    }

    int field() {
        return field;
    }

    /** Passes over the value of this field. */
    void skip() {
        switch (type) {
            case VARINT -> varint();
            case FIXED64 -> step(Long.BYTES);
            case LENGTH -> step(length());
            case FIXED32 -> step(Integer.BYTES);
            default -> throw malformed("field " + field + " has the wire type " + type + ", which is not supported");
        }
    }

    long whole() {
        expect(VARINT);
        return varint();
    }

    boolean bool() {
        return whole() != 0;
    }

    double fp64() {
        expect(FIXED64);
        return view(Long.BYTES).getDouble();
    }

    /** A text; it must be UTF-8 and not longer than 64 KiB. */
    String text() {
        expect(LENGTH);
        int length = length();
        if (length > TEXT_BYTES_MAX) {
            throw malformed("the text of field " + field + " has " + length + " bytes; at most " + TEXT_BYTES_MAX
                    + " are possible");
        }
        int from = step(length);
        for (int i = from; i < at; i++) {
            if (bytes[i] < 0) {
                return decoded(from, length);
            }
        }
        return new String(bytes, from, length, StandardCharsets.ISO_8859_1);
    }

    private String decoded(int from, int length) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, from, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new PerennialException(
                    ErrorCode.MALFORMED_REQUEST, "the text of field " + field + " is not UTF-8", "message", e);
        }
    }

    /** The bytes of this field, little-endian, as a view of the message. */
    ByteBuffer view() {
        expect(LENGTH);
        return view(length());
    }

    /** A copy of the bytes of this field. */
    byte[] copy() {
        expect(LENGTH);
        int length = length();
        int from = step(length);
        return java.util.Arrays.copyOfRange(bytes, from, from + length);
    }

    /** The message that this field holds. */
    ProtoReader message() {
        expect(LENGTH);
        int from = step(length());
        return new ProtoReader(bytes, from, at);
    }

    /** Another reader of what is left; for a second look at the same message. */
    ProtoReader again() {
        return new ProtoReader(bytes, at, end);
    }

    /** What takes the elements of a field of numbers. */
    interface Elements {
        void element(long bits);
    }

    /**
     * The elements of this field, whether it holds one or, packed, many.
     *
     * @param elementType wire type of one element; {@code FIXED32} gives the low 32 bits
     */
    void elements(int elementType, Elements into) {
        if (type != LENGTH) {
            expect(elementType);
            into.element(element(elementType));
            return;
        }
        int length = length();
        int stop = at + length;
        while (at < stop) {
            into.element(element(elementType));
        }
        if (at != stop) {
            throw malformed("the elements of field " + field + " go beyond their length");
        }
    }

    /** Number of elements of this field, which it passes over. */
    int count(int elementType) {
        if (type != LENGTH) {
            expect(elementType);
            skip();
            return 1;
        }
        int length = length();
        int from = step(length);
        if (elementType == VARINT) {
            int count = 0;
            for (int i = from; i < at; i++) {
                count += bytes[i] >= 0 ? 1 : 0;
            }
            return count;
        }
        return length / (elementType == FIXED32 ? Integer.BYTES : Long.BYTES);
    }

    private long element(int elementType) {
        return switch (elementType) {
            case VARINT -> varint();
            case FIXED32 -> view(Integer.BYTES).getInt();
            default -> view(Long.BYTES).getLong();
        };
    }

    private ByteBuffer view(int length) {
        int from = step(length);
        return ByteBuffer.wrap(bytes, from, length).slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    private void expect(int wanted) {
        if (type != wanted) {
            throw malformed("field " + field + " has the wire type " + type + " instead of " + wanted);
        }
    }

    /** Passes over so many bytes and says where they began. */
    private int step(int length) {
        int from = at;
        if (length > end - at) {
            throw malformed("field " + field + " needs " + length + " bytes, the message has " + (end - at) + " left");
        }
        at += length;
        return from;
    }

    private int length() {
        long length = varint();
        if (length < 0 || length > end - at) {
            throw malformed("field " + field + " claims " + Long.toUnsignedString(length) + " bytes, the message has "
                    + (end - at) + " left");
        }
        return (int) length;
    }

    private long varint() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += VARINT_BITS) {
            if (at == end) {
                throw malformed("the message ends within a number");
            }
            byte b = bytes[at++];
            value |= (long) (b & SEVEN_BITS) << shift;
            if ((b & MORE) == 0) {
                return value;
            }
        }
        throw malformed("a number has more than ten bytes");
    }

    private static PerennialException malformed(String why) {
        return new PerennialException(
                ErrorCode.MALFORMED_REQUEST, "the message is not well-formed protobuf: " + why, "message", null);
    }
}
