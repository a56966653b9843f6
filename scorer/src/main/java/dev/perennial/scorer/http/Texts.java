package dev.perennial.scorer.http;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What texts of callers may hold, and how prediction ids and times are read from them. */
public final class Texts {
    private static final int CHARS_MAX = 1_024;
    private static final char DELETE = 0x7f;
    /** The end of the year 9999. */
    private static final long MILLIS_MAX = 253_402_300_799_999L;

    private Texts() {}

    /** What is wrong with a category or key, or null. */
    public static @Nullable String problem(String text) {
        if (text.length() > CHARS_MAX) {
            return "a text of " + text.length() + " characters; at most " + CHARS_MAX + " are possible";
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c == DELETE) {
                return "the text holds the control character " + (int) c + " at position " + i;
            }
            if (Character.isSurrogate(c)) {
                boolean pair = Character.isHighSurrogate(c)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1));
                if (!pair) {
                    return "the text holds half a surrogate pair at position " + i;
                }
                i++;
            }
        }
        return null;
    }

    /** Refuses bytes that are not UTF-8. ASCII costs one pass. */
    public static void checkUtf8(byte[] bytes) {
        checkUtf8(bytes, bytes.length);
    }

    /** Refuses bytes of which the first {@code length} are not UTF-8. */
    public static void checkUtf8(byte[] bytes, int length) {
        for (int i = 0; i < length; i++) {
            if (bytes[i] < 0) {
                try {
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 0, length));
                    return;
                } catch (CharacterCodingException e) {
                    throw new PerennialException(ErrorCode.MALFORMED_REQUEST, "the body is not valid UTF-8", "body", e);
                }
            }
        }
    }

    /** The prediction id made of key values: joined by {@code |}, with {@code \} before a {@code |} or {@code \} inside a value. */
    public static String id(List<String> values) {
        if (values.size() == 1) {
            return values.getFirst();
        }
        StringBuilder id = new StringBuilder();
        for (int i = 0; i < values.size(); i++) {
            id.append(i == 0 ? "" : "|")
                    .append(values.get(i).replace("\\", "\\\\").replace("|", "\\|"));
        }
        return id.toString();
    }

    /** Epoch millis of an ISO time with its offset, for example 2013-04-01T08:15:00Z; -1 when it is none. */
    public static long time(String text) {
        try {
            return checked(Instant.parse(text).toEpochMilli());
        } catch (DateTimeException | ArithmeticException e) {
            return -1;
        }
    }

    /** The value itself, or -1 when it is no time that a prediction could have. */
    public static long checked(long millis) {
        return millis < 0 || millis > MILLIS_MAX ? -1 : millis;
    }
}
