package dev.perennial.scorer.grpc;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Writes one protobuf message behind room for its frame's prefix. Values that are protobuf's defaults are left out where the field is
 * not repeated. Not thread-safe.
 */
public final class ProtoWriter {
    private static final int TYPE_BITS = 3;
    private static final int MORE = 0x80;
    private static final int SEVEN_BITS = 0x7f;
    private static final int VARINT_BITS = 7;
    private static final int VARINT_MAX = 10;
    private static final int FIRST = 512;

    private byte[] bytes = new byte[FIRST];
    private int size = FrameReader.PREFIX;

    public void text(int field, String value) {
        if (!value.isEmpty()) {
            bytes(field, value.getBytes(StandardCharsets.UTF_8));
        }
    }

    void bool(int field, boolean value) {
        whole(field, value ? 1 : 0);
    }

    /** A double, also when it is zero. */
    public void number(int field, double value) {
        tag(field, ProtoReader.FIXED64);
        room(Long.BYTES);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putDouble(size, value);
        size += Long.BYTES;
    }

    /** Any whole number or enum, by its 64 bits. */
    public void whole(int field, long value) {
        if (value != 0) {
            tag(field, ProtoReader.VARINT);
            varint(value);
        }
    }

    /** Also empty values are written, as elements of a repeated field and members of a oneof must be. */
    void bytes(int field, byte[] value) {
        tag(field, ProtoReader.LENGTH);
        varint(value.length);
        room(value.length);
        System.arraycopy(value, 0, bytes, size, value.length);
        size += value.length;
    }

    void bytes(int field, ByteBuffer value) {
        int length = value.remaining();
        tag(field, ProtoReader.LENGTH);
        varint(length);
        room(length);
        value.duplicate().get(bytes, size, length);
        size += length;
    }

    /** A message, also when it is empty. */
    public void message(int field, Consumer<ProtoWriter> writing) {
        tag(field, ProtoReader.LENGTH);
        room(1);
        int from = ++size; // most lengths have one byte
        writing.accept(this);
        int length = size - from;
        int more = varintSize(length) - 1;
        if (more > 0) {
            room(more);
            System.arraycopy(bytes, from, bytes, from + more, length);
        }
        size = from - 1;
        varint(length);
        size += length;
    }

    /** Whole numbers, packed; nothing when there are none. */
    public void wholes(int field, long[] values) {
        if (values.length > 0) {
            message(field, out -> {
                for (long value : values) {
                    out.varint(value);
                }
            });
        }
    }

    /** An element of a packed field; within {@link #message}. */
    public void varint(long value) {
        room(VARINT_MAX);
        long rest = value;
        while ((rest & ~SEVEN_BITS) != 0) {
            bytes[size++] = (byte) (rest & SEVEN_BITS | MORE);
            rest >>>= VARINT_BITS;
        }
        bytes[size++] = (byte) rest;
    }

    private void tag(int field, int type) {
        varint((long) field << TYPE_BITS | type);
    }

    private static int varintSize(int value) {
        return Math.max(1, (Integer.SIZE - Integer.numberOfLeadingZeros(value) + VARINT_BITS - 1) / VARINT_BITS);
    }

    private void room(int more) {
        if (more > bytes.length - size) {
            long wanted = Math.max((long) size + more, 2L * bytes.length);
            bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, Integer.MAX_VALUE - 8));
        }
    }

    /** The message alone. */
    public byte[] message() {
        return Arrays.copyOfRange(bytes, FrameReader.PREFIX, size);
    }

    /** The message alone, as a view. */
    ByteBuffer view() {
        return ByteBuffer.wrap(bytes, FrameReader.PREFIX, size - FrameReader.PREFIX);
    }

    /** The message in its frame, compressed where that is wanted. */
    ByteBuffer frame(Encoding encoding) {
        int length = size - FrameReader.PREFIX;
        if (encoding == Encoding.IDENTITY) {
            ByteBuffer.wrap(bytes).order(ByteOrder.BIG_ENDIAN).put(0, (byte) 0).putInt(1, length);
            return ByteBuffer.wrap(bytes, 0, size);
        }
        byte[] packed = encoding.deflate(bytes, FrameReader.PREFIX, length);
        return ByteBuffer.allocate(FrameReader.PREFIX + packed.length)
                .put((byte) 1)
                .putInt(packed.length)
                .put(packed)
                .flip();
    }
}
