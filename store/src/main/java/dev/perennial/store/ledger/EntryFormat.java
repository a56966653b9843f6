package dev.perennial.store.ledger;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.PerennialException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Version 1 of the entry format. A header is one JSON object of texts, keys sorted, no white space, UTF-8; the hash of an entry is the
 * leaf hash of RFC 6962 over these bytes, and the header commits to the salted payload.
 */
final class EntryFormat {
    static final String VERSION = "1";
    static final String NO_ENTRY = "0".repeat(64);

    private static final byte LEAF = 0;
    private static final byte COMMITMENT = 2;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private EntryFormat() {}

    /** UTC with milliseconds. */
    static String time(long epochMillis) {
        return TIME.format(Instant.ofEpochMilli(epochMillis));
    }

    static Digest commitment(byte[] salt, byte[] payload) {
        MessageDigest sha = Digest.sha256();
        sha.update(COMMITMENT);
        sha.update(salt);
        return Digest.ofHash(sha.digest(payload));
    }

    static Digest entryHash(byte[] header) {
        MessageDigest sha = Digest.sha256();
        sha.update(LEAF);
        return Digest.ofHash(sha.digest(header));
    }

    static byte[] header(Map<String, String> fields) {
        SortedMap<String, String> sorted = new TreeMap<>(fields);
        StringBuilder text = new StringBuilder("{");
        sorted.forEach((key, value) -> {
            text.append(text.length() > 1 ? "," : "");
            quote(text, key);
            text.append(':');
            quote(text, value);
        });
        return text.append('}').toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Refuses what would need an escape other than those of the quote and the backslash. */
    static String plain(String field, String value, int lengthMax) {
        if (value.isEmpty() || value.length() > lengthMax) {
            throw PerennialException.invalid(
                    field,
                    "ledger " + field + " has " + value.length() + " characters where 1 to " + lengthMax
                            + " are needed");
        }
        boolean fits = StandardCharsets.UTF_8.newEncoder().canEncode(value)
                && value.chars().noneMatch(c -> c < ' ' || c == 0x7f);
        if (!fits) {
            throw PerennialException.invalid(
                    field, "ledger " + field + " holds control characters or half a surrogate pair");
        }
        return value;
    }

    private static void quote(StringBuilder text, String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\');
            }
            text.append(c);
        }
        text.append('"');
    }
}
