package dev.perennial.governance;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.zip.CRC32;

/** Random secrets that are shown once, and what is kept of them. Thread-safe. */
final class Secrets {
    private static final String BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final String BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
    private static final int ID_CHARACTERS = 12;
    /** 43 characters of 62 have more than 256 bits. */
    private static final int SECRET_CHARACTERS = 43;

    private static final int CHECK_CHARACTERS = 6;

    private final SecureRandom random;

    Secrets(SecureRandom random) {
        this.random = random;
    }

    String id() {
        return text(BASE32, ID_CHARACTERS);
    }

    /** A secret with a check sum at its end, by which a scanner knows it from other text. */
    String secret() {
        String secret = text(BASE62, SECRET_CHARACTERS);
        return secret + check(secret);
    }

    /** Whether the check sum fits; it proves nothing and saves a look into the database. */
    static boolean wellFormed(String secret) {
        int cut = secret.length() - CHECK_CHARACTERS;
        return cut == SECRET_CHARACTERS && secret.substring(cut).equals(check(secret.substring(0, cut)));
    }

    private static String check(String secret) {
        CRC32 crc = new CRC32();
        crc.update(secret.getBytes(StandardCharsets.UTF_8));
        StringBuilder text = new StringBuilder();
        long left = crc.getValue();
        for (int i = 0; i < CHECK_CHARACTERS; i++) {
            text.append(BASE62.charAt((int) (left % BASE62.length())));
            left /= BASE62.length();
        }
        return text.toString();
    }

    private String text(String alphabet, int length) {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }

    static String sha256(String secret) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    static boolean same(String a, String b) {
        return MessageDigest.isEqual(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }
}
