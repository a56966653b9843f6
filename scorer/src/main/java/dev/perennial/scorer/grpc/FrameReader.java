package dev.perennial.scorer.grpc;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;

/**
 * Cuts the bytes of a call into messages: each has a flag byte, a length of four bytes and so many bytes. Memory grows with what came,
 * not with what a length claims. For one call; not thread-safe.
 */
final class FrameReader {
    static final int PREFIX = 5;
    private static final int FIRST = 16 << 10;
    /** So much more room than came: at the last step a quarter of a large message is held twice. */
    private static final int GROWTH = 4;

    private static final int BYTE = 0xff;

    private final int bytesMax;
    private final Encoding encoding;
    private final Budget budget;
    private final byte[] prefix = new byte[PREFIX];
    private int prefixed;
    private byte[] message = new byte[0];
    private int wanted;
    private int filled;
    private long held;

    /** Takes messages as they become whole. */
    interface Messages {
        /** @return false when no more are wanted */
        boolean take(byte[] message);
    }

    FrameReader(int bytesMax, Encoding encoding, Budget budget) {
        this.bytesMax = bytesMax;
        this.encoding = encoding;
        this.budget = budget;
    }

    /** @throws PerennialException when a message is too large or not as its flag says */
    void read(Buffer chunk, Messages messages) {
        int at = 0;
        int end = chunk.length();
        while (at < end) {
            if (prefixed < PREFIX) {
                at = prefix(chunk, at);
                if (prefixed < PREFIX) {
                    return;
                }
                begin();
            }
            int now = Math.min(end - at, wanted - filled);
            room(filled + now);
            chunk.getBytes(at, at + now, message, filled);
            filled += now;
            at += now;
            if (filled < wanted) {
                return;
            }
            byte[] whole = whole();
            prefixed = 0;
            filled = 0;
            message = new byte[0];
            if (!messages.take(whole)) {
                return;
            }
        }
    }

    private int prefix(Buffer chunk, int from) {
        int at = from;
        while (at < chunk.length() && prefixed < PREFIX) {
            prefix[prefixed++] = chunk.getByte(at++);
        }
        return at;
    }

    private void begin() {
        if (prefix[0] != 0 && prefix[0] != 1) {
            throw malformed("a message begins with the flag " + (prefix[0] & BYTE) + "; it must be 0 or 1");
        }
        if (prefix[0] == 1 && encoding == Encoding.IDENTITY) {
            throw malformed("a message is marked as compressed, but there is no grpc-encoding");
        }
        long length = 0;
        for (int i = 1; i < PREFIX; i++) {
            length = length << Byte.SIZE | prefix[i] & BYTE;
        }
        if (length > bytesMax) {
            throw new PerennialException(
                    ErrorCode.TOO_LARGE,
                    "the message has " + length + " bytes; at most " + bytesMax + " are possible",
                    "message",
                    null);
        }
        wanted = (int) length;
    }

    private void room(int size) {
        if (size > message.length) {
            int bigger = (int) Math.min(wanted, Math.max(FIRST, Math.max(size, (long) GROWTH * message.length)));
            take(bigger - message.length);
            message = Arrays.copyOf(message, bigger);
        }
    }

    private byte[] whole() {
        if (prefix[0] == 0) {
            return message;
        }
        byte[] inflated = encoding.inflate(message, bytesMax);
        take((long) inflated.length - message.length);
        return inflated;
    }

    private void take(long bytes) {
        budget.take(bytes);
        held += bytes;
    }

    /** Whether bytes of a message that is not whole are there. */
    boolean partial() {
        return prefixed > 0;
    }

    /** Gives back what the messages so far hold of the budget. */
    void release() {
        budget.giveBack(held);
        held = 0;
    }

    private static PerennialException malformed(String why) {
        return new PerennialException(ErrorCode.MALFORMED_REQUEST, why, "message", null);
    }
}
