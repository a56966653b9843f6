package dev.perennial.governance;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Passwords as argon2id in PHC strings. Each computation takes about 0.2 s of a core and 19 MiB, so at most one for each core runs; a short
 * queue waits, and beyond it callers get {@code UNAVAILABLE}. Thread-safe.
 */
final class Passwords {
    static final int LENGTH_MIN = 12;
    static final int LENGTH_MAX = 128;

    private static final int MEMORY_KIB = 19_456;
    private static final int PASSES = 2;
    private static final int LANES = 1;
    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;
    private static final int WAITING_MAX = 64;
    private static final Pattern PHC = Pattern.compile(
            "\\$argon2id\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,2}),p=(\\d{1,2})\\$([A-Za-z0-9+/]+)\\$([A-Za-z0-9+/]+)");
    private static final Set<String> WORN = Set.of(
            "password1234",
            "password12345",
            "password123456",
            "passwordpassword",
            "123456789012",
            "1234567890123",
            "qwertyuiop12",
            "qwertyuiopasdf",
            "administrator",
            "administrator1",
            "changemechangeme",
            "letmeinletmein",
            "iloveyouiloveyou",
            "111111111111",
            "000000000000");

    private final SecureRandom random;
    private final int cores;
    private final Semaphore running;

    Passwords(SecureRandom random, int cores) {
        this.random = random;
        this.cores = cores;
        this.running = new Semaphore(cores, true);
    }

    /** Refuses passwords that are too short, too long, or tried first by everybody who guesses. */
    static String checked(String field, String user, String password) {
        int length = password.codePointCount(0, password.length());
        if (length < LENGTH_MIN || length > LENGTH_MAX) {
            throw PerennialException.invalid(
                    field,
                    "a password has " + LENGTH_MIN + " to " + LENGTH_MAX + " characters, this one has " + length
                            + "; a few words in a row are good");
        }
        String lower = password.toLowerCase(java.util.Locale.ROOT);
        if (WORN.contains(lower)
                || lower.equals(user.toLowerCase(java.util.Locale.ROOT))
                || lower.chars().distinct().count() < 4) {
            throw PerennialException.invalid(
                    field, "this password is among the first that anybody would try; a few words in a row are good");
        }
        return password;
    }

    /** The PHC string of a password. */
    String hash(String password) {
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
        byte[] hash = argon2id(password, salt, MEMORY_KIB, PASSES, LANES, HASH_BYTES);
        return "$argon2id$v=19$m=" + MEMORY_KIB + ",t=" + PASSES + ",p=" + LANES + "$" + base64.encodeToString(salt)
                + "$" + base64.encodeToString(hash);
    }

    /** Compares in constant time. */
    boolean matches(String password, String phc) {
        Matcher parts = PHC.matcher(phc);
        if (!parts.matches()) {
            throw PerennialException.state("the stored password is no argon2id string; set a new one");
        }
        byte[] expected = Base64.getDecoder().decode(parts.group(5));
        byte[] given = argon2id(
                password,
                Base64.getDecoder().decode(parts.group(4)),
                Integer.parseInt(parts.group(1)),
                Integer.parseInt(parts.group(2)),
                Integer.parseInt(parts.group(3)),
                expected.length);
        return MessageDigest.isEqual(expected, given);
    }

    /** Takes as long as {@link #matches}, for names that nobody has. */
    void pretend(String password) {
        argon2id(password, new byte[SALT_BYTES], MEMORY_KIB, PASSES, LANES, HASH_BYTES);
    }

    private byte[] argon2id(String password, byte[] salt, int memory, int passes, int lanes, int bytes) {
        if (running.getQueueLength() >= WAITING_MAX) {
            throw new PerennialException(
                    ErrorCode.UNAVAILABLE,
                    "more than " + WAITING_MAX + " sign-ins wait for " + cores + " cores; try again, or use a token");
        }
        running.acquireUninterruptibly();
        try {
            Argon2BytesGenerator generator = new Argon2BytesGenerator();
            generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                    .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                    .withMemoryAsKB(memory)
                    .withIterations(passes)
                    .withParallelism(lanes)
                    .withSalt(salt)
                    .build());
            byte[] hash = new byte[bytes];
            generator.generateBytes(password.getBytes(StandardCharsets.UTF_8), hash);
            return hash;
        } finally {
            running.release();
        }
    }
}
