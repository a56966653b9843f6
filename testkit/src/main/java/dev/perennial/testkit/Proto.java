package dev.perennial.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes the fields of a protobuf message one after another. Not thread-safe. */
public final class Proto {
    private static final int VARINT = 0;
    private static final int BYTES = 2;
    private static final int WIRE_BITS = 3;
    private static final int PAYLOAD_BITS = 7;
    private static final int PAYLOAD = 0x7f;
    private static final int MORE = 0x80;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    public Proto number(int field, long value) {
        varint((long) field << WIRE_BITS | VARINT);
        varint(value);
        return this;
    }

    public Proto text(int field, String text) {
        return raw(field, text.getBytes(StandardCharsets.UTF_8));
    }

    public Proto message(int field, Proto message) {
        return raw(field, message.bytes());
    }

    public Proto raw(int field, byte[] bytes) {
        varint((long) field << WIRE_BITS | BYTES);
        varint(bytes.length);
        out.writeBytes(bytes);
        return this;
    }

    public byte[] bytes() {
        return out.toByteArray();
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~PAYLOAD) != 0) {
            out.write((int) (rest & PAYLOAD) | MORE);
            rest >>>= PAYLOAD_BITS;
        }
        out.write((int) rest);
    }
}
