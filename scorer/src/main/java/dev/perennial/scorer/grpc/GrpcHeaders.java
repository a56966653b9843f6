package dev.perennial.scorer.grpc;

import dev.perennial.kernel.PerennialException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What gRPC writes into HTTP headers: how long a caller waits, and texts of errors. */
final class GrpcHeaders {
    private static final int DIGITS_MAX = 8;
    private static final int MESSAGE_BYTES_MAX = 4_096;
    private static final String HEX = "0123456789ABCDEF";
    private static final int NIBBLE = 4;
    private static final int LOW = 0xf;

    private GrpcHeaders() {}

    /** Whether a content type means gRPC with protobuf messages. */
    static boolean isGrpc(String contentType) {
        return contentType.equals("application/grpc")
                || contentType.equals("application/grpc+proto")
                || contentType.startsWith("application/grpc;")
                || contentType.startsWith("application/grpc+proto;");
    }

    /**
     * Nanoseconds of a {@code grpc-timeout}: at most eight digits and a unit, for example {@code 100m} for 100 milliseconds.
     *
     * @return {@link Long#MAX_VALUE} when there is none
     * @throws PerennialException when it is not well-formed
     */
    static long timeoutNanos(@Nullable String header) {
        if (header == null) {
            return Long.MAX_VALUE;
        }
        int digits = header.length() - 1;
        boolean formed = digits >= 1 && digits <= DIGITS_MAX;
        for (int i = 0; formed && i < digits; i++) {
            formed = header.charAt(i) >= '0' && header.charAt(i) <= '9';
        }
        TimeUnit unit = formed ? unit(header.charAt(digits)) : null;
        if (unit == null) {
            throw PerennialException.invalid(
                    "grpc-timeout",
                    "grpc-timeout '" + header + "' must be one to eight digits and one of H, M, S, m, u, n");
        }
        return unit.toNanos(Long.parseLong(header, 0, digits, 10));
    }

    private static @Nullable TimeUnit unit(char letter) {
        return switch (letter) {
            case 'H' -> TimeUnit.HOURS;
            case 'M' -> TimeUnit.MINUTES;
            case 'S' -> TimeUnit.SECONDS;
            case 'm' -> TimeUnit.MILLISECONDS;
            case 'u' -> TimeUnit.MICROSECONDS;
            case 'n' -> TimeUnit.NANOSECONDS;
            default -> null;
        };
    }

    /** A text for {@code grpc-message}: UTF-8, with everything but printable ASCII percent-encoded; long ones are cut. */
    static String message(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        StringBuilder out = new StringBuilder(bytes.length + 16);
        for (byte b : bytes) {
            if (out.length() >= MESSAGE_BYTES_MAX && (b & 0xc0) != 0x80) {
                return out.append("...").toString();
            }
            if (b >= ' ' && b <= '~' && b != '%') {
                out.append((char) b);
            } else {
                out.append('%').append(HEX.charAt(b >> NIBBLE & LOW)).append(HEX.charAt(b & LOW));
            }
        }
        return out.toString();
    }
}
