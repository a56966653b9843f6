package dev.perennial.kernel;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** A SHA-256 digest as 64 lower-case hexadecimal digits: the name of every blob, snapshot and piece of evidence. */
public record Digest(String hex) implements Comparable<Digest> {
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");
    private static final int BUFFER_BYTES = 1 << 16;

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public Digest {
        if (!HEX.matcher(hex).matches()) {
            throw PerennialException.invalid("digest", "digest '" + hex + "' is not 64 lower-case hexadecimal digits");
        }
    }

    public static Digest of(byte[] bytes) {
        return ofHash(sha256().digest(bytes));
    }

    /** Digest of the UTF-8 bytes of a text. */
    public static Digest of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Digest of a file's bytes, read once in small pieces. */
    public static Digest ofFile(Path file) {
        MessageDigest sha = sha256();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                sha.update(buffer, 0, n);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
        return ofHash(sha.digest());
    }

    /** A fresh SHA-256 computation. */
    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Wraps the 32 bytes of a digest that was computed elsewhere. */
    public static Digest ofHash(byte[] hash) {
        return new Digest(HexFormat.of().formatHex(hash));
    }

    /** The first twelve digits, for people. */
    public String shortHex() {
        return hex.substring(0, 12);
    }

    /** The first eight bytes as a number: a seed that depends on the content alone. */
    public long seed() {
        return Long.parseUnsignedLong(hex.substring(0, 16), 16);
    }

    @Override
    public int compareTo(Digest other) {
        return hex.compareTo(other.hex);
    }

    @JsonValue
    @Override
    public String toString() {
        return hex;
    }
}
