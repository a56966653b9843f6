package dev.perennial.scorer.serving;

import dev.perennial.kernel.Digest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * Which keys a candidate gets: {@code bucket(salt, key) < weight}. The bucket is the first eight bytes of SHA-256 over salt, a zero byte
 * and key, unsigned, modulo 10,000. Raising the weight keeps every earlier key on the candidate.
 */
public final class Split {
    public static final int BUCKETS = 10_000;

    private Split() {}

    /**
     * Who answers a row.
     *
     * @param canary the candidate that does; null for the champion
     * @param control whether the champion's answer is compared with a candidate's
     */
    record Choice(@Nullable Variant canary, boolean control) {
        static final Choice CHAMPION = new Choice(null, false);
        static final Choice CONTROL = new Choice(null, true);
    }

    public static int bucket(String salt, String key) {
        MessageDigest sha = Digest.sha256();
        sha.update(salt.getBytes(StandardCharsets.UTF_8));
        sha.update((byte) 0);
        byte[] hash = sha.digest(key.getBytes(StandardCharsets.UTF_8));
        long first = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            first = first << Byte.SIZE | (hash[i] & 0xff);
        }
        return (int) Long.remainderUnsigned(first, BUCKETS);
    }
}
