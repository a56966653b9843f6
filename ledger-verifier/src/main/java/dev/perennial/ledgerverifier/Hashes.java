package dev.perennial.ledgerverifier;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;

/** SHA-256 with the prefixes of the format, and encodings without leniency. */
final class Hashes {
    static final String ZEROS = "0".repeat(64);

    private static final byte[] LEAF = {0};
    private static final byte[] NODE = {1};
    private static final byte[] COMMITMENT = {2};

    private Hashes() {}

    static byte[] sha256(byte[]... parts) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            for (byte[] part : parts) {
                sha.update(part);
            }
            return sha.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    static byte[] leaf(byte[] bytes) {
        return sha256(LEAF, bytes);
    }

    static byte[] node(byte[] left, byte[] right) {
        return sha256(NODE, left, right);
    }

    static String commitment(byte[] salt, byte[] payload) {
        return hex(sha256(COMMITMENT, salt, payload));
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    static byte[] fromHex(String hex) {
        try {
            byte[] bytes = HexFormat.of().parseHex(hex);
            if (hex(bytes).equals(hex)) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            // told below
        }
        throw new Unusable("'" + hex + "' is not lower-case hexadecimal");
    }

    static boolean isHash(String hex) {
        return hex.length() == ZEROS.length()
                && hex.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
    }

    /** The JDK's decoder ignores the unused bits of the last character; here they must be zero. */
    static byte[] fromBase64(String text) {
        try {
            byte[] bytes = Base64.getDecoder().decode(text.getBytes(StandardCharsets.UTF_8));
            if (Base64.getEncoder().encodeToString(bytes).equals(text)) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            // told below
        }
        throw new Unusable("'" + text + "' is not canonical base64");
    }
}
