package dev.perennial.scorer.http;

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
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/**
 * How a body is compressed. We inflate ourselves, because the limit of a body holds for what it becomes, and deflate ourselves, because
 * every answer carries its length.
 */
public enum Coding {
    IDENTITY,
    GZIP,
    /** With the wrapper of zlib (RFC 1950), as HTTP means it. */
    DEFLATE;

    /** What callers are told. */
    public static final String KNOWN = "gzip, deflate";

    /** Nothing that data are becomes so much larger; only bodies made to hurt do. */
    private static final int RATIO_MAX = 200;

    private static final int RATIO_FREE = 1 << 20;
    private static final int STEP = 16 << 10;
    /** Compressing less saves no packet. */
    private static final int WORTH = 1_400;

    /**
     * The coding of a request.
     *
     * @throws PerennialException for one that is not known
     */
    public static Coding of(@Nullable String contentEncoding) {
        String word =
                contentEncoding == null ? "identity" : contentEncoding.trim().toLowerCase(Locale.ROOT);
        return switch (word) {
            case "", "identity" -> IDENTITY;
            case "gzip", "x-gzip" -> GZIP;
            case "deflate" -> DEFLATE;
            default ->
                throw new PerennialException(
                        ErrorCode.UNSUPPORTED_MEDIA_TYPE,
                        "content encoding '" + contentEncoding + "' is not supported; use gzip or deflate",
                        "Content-Encoding",
                        null);
        };
    }

    /** The coding that a caller likes best in an answer; gzip where several are as good. */
    public static Coding wanted(@Nullable String acceptEncoding) {
        if (acceptEncoding == null) {
            return IDENTITY;
        }
        Coding best = IDENTITY;
        double bestQuality = 0;
        for (String item : acceptEncoding.toLowerCase(Locale.ROOT).split(",")) {
            String[] parts = item.split(";");
            Coding coding = switch (parts[0].trim()) {
                case "gzip", "x-gzip", "*" -> GZIP;
                case "deflate" -> DEFLATE;
                default -> IDENTITY;
            };
            double quality = coding == IDENTITY ? 0 : quality(parts);
            if (quality > bestQuality || (quality == bestQuality && quality > 0 && coding == GZIP)) {
                best = coding;
                bestQuality = quality;
            }
        }
        return best;
    }

    private static double quality(String[] parts) {
        for (int i = 1; i < parts.length; i++) {
            String part = parts[i].trim();
            if (part.startsWith("q=")) {
                try {
                    return Double.parseDouble(part.substring(2));
                } catch (NumberFormatException e) {
                    return 0;
                }
            }
        }
        return 1;
    }

    /** The word of the header. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether an answer of that size is sent in this coding. */
    public boolean worth(int bytes) {
        return this != IDENTITY && bytes >= WORTH;
    }

    /**
     * The body itself.
     *
     * @throws PerennialException when it would be larger than {@code bytesMax} or is not in this coding
     */
    public byte[] inflated(byte[] body, int bytesMax) {
        if (this == IDENTITY || body.length == 0) {
            return body;
        }
        byte[] out = new byte[Math.min(bytesMax, Math.max(STEP, body.length * 4))];
        int size = 0;
        try (InputStream in = this == GZIP
                ? new GZIPInputStream(new ByteArrayInputStream(body), STEP)
                : new InflaterInputStream(new ByteArrayInputStream(body))) {
            while (true) {
                if (size == out.length) {
                    int next = in.read();
                    if (next < 0) {
                        return out;
                    }
                    check(size + 1L, body.length, bytesMax);
                    out = Arrays.copyOf(out, (int) Math.min(bytesMax, 2L * size));
                    out[size++] = (byte) next;
                }
                int read = in.read(out, size, Math.min(STEP, out.length - size));
                if (read < 0) {
                    return Arrays.copyOf(out, size);
                }
                size += read;
                check(size, body.length, bytesMax);
            }
        } catch (IOException e) {
            String why = e.getMessage() == null ? "it ends too early" : e.getMessage();
            throw new PerennialException(
                    ErrorCode.MALFORMED_REQUEST, "body: it is not whole " + word() + ": " + why, "body", e);
        }
    }

    private static void check(long size, int from, int bytesMax) {
        if (size > bytesMax) {
            throw new PerennialException(
                    ErrorCode.TOO_LARGE, "the body is larger than " + bytesMax + " bytes (--body-bytes)", "body", null);
        }
        if (size > RATIO_FREE && size / RATIO_MAX > from) {
            throw new PerennialException(
                    ErrorCode.TOO_LARGE,
                    "the body becomes more than " + RATIO_MAX + " times as large; send it uncompressed",
                    "body",
                    null);
        }
    }

    /** A body in this coding. */
    public byte[] deflated(byte[] body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(body.length / 2 + 64);
        try (OutputStream deflating = deflating(out)) {
            deflating.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return out.toByteArray();
    }

    private OutputStream deflating(ByteArrayOutputStream out) throws IOException {
        return switch (this) {
            case IDENTITY -> out;
            case GZIP -> new GZIPOutputStream(out, STEP);
            case DEFLATE ->
                new DeflaterOutputStream(out, new Deflater(Deflater.DEFAULT_COMPRESSION), STEP) {
                    @Override
                    public void close() throws IOException {
                        super.close();
                        def.end();
                    }
                };
        };
    }
}
