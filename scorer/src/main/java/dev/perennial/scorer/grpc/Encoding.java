package dev.perennial.scorer.grpc;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/** How messages of a call are compressed; {@code deflate} is zlib's format, as in HTTP. */
enum Encoding {
    IDENTITY,
    GZIP,
    DEFLATE;

    /** All of them, as told in {@code grpc-accept-encoding}. */
    static final String ACCEPTED = "identity,deflate,gzip";

    private static final int FIRST_GUESS = 4;
    private static final int SMALLEST = 256;

    /** @throws PerennialException when it is none of them */
    static Encoding of(@Nullable String word) {
        if (word == null) {
            return IDENTITY;
        }
        for (Encoding encoding : values()) {
            if (encoding.word().equals(word)) {
                return encoding;
            }
        }
        throw new PerennialException(
                ErrorCode.UNSUPPORTED_MEDIA_TYPE,
                "grpc-encoding '" + word + "' is not supported; use one of " + ACCEPTED,
                "grpc-encoding",
                null);
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Decompresses a message; memory is bounded by the limit, whatever the message claims.
     *
     * @throws PerennialException when it is not well-formed or larger than the limit
     */
    byte[] inflate(byte[] message, int bytesMax) {
        try (InputStream in = stream(message)) {
            byte[] out = new byte[(int) Math.min(bytesMax, Math.max(SMALLEST, (long) FIRST_GUESS * message.length))];
            int size = 0;
            while (true) {
                int read = in.readNBytes(out, size, out.length - size);
                size += read;
                if (size < out.length) {
                    return Arrays.copyOf(out, size);
                }
                int next = in.read();
                if (next < 0) {
                    return out;
                }
                if (size == bytesMax) {
                    throw new PerennialException(
                            ErrorCode.TOO_LARGE,
                            "the decompressed message is larger than " + bytesMax + " bytes (--body-bytes)",
                            "message",
                            null);
                }
                out = Arrays.copyOf(out, (int) Math.min(bytesMax, 2L * Math.max(1, size)));
                out[size++] = (byte) next;
            }
        } catch (IOException e) {
            throw new PerennialException(
                    ErrorCode.MALFORMED_REQUEST, "the message is no " + word() + ": " + e.getMessage(), "message", e);
        }
    }

    private InputStream stream(byte[] message) throws IOException {
        InputStream bytes = new ByteArrayInputStream(message);
        return switch (this) {
            case IDENTITY -> bytes;
            case GZIP -> new GZIPInputStream(bytes);
            case DEFLATE -> new InflaterInputStream(bytes);
        };
    }

    /** Compresses a message that lies in part of an array. */
    byte[] deflate(byte[] message, int from, int length) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(SMALLEST);
        try (OutputStream out = sink(bytes)) {
            out.write(message, from, length);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    private OutputStream sink(ByteArrayOutputStream bytes) throws IOException {
        return switch (this) {
            case IDENTITY -> bytes;
            case GZIP -> new GZIPOutputStream(bytes);
            case DEFLATE -> new DeflaterOutputStream(bytes);
        };
    }
}
