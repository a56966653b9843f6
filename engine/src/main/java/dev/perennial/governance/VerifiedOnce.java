package dev.perennial.governance;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Which passwords were right a moment ago, so that a client that sends one with each request pays argon2 once a minute. Keeps an HMAC under
 * a key of this process, of account, its revision and password: a change of password anywhere makes the entry useless at once, because the
 * revision is read with each request. Thread-safe.
 */
final class VerifiedOnce {
    static final Duration KEPT = Duration.ofSeconds(60);
    private static final int ENTRIES_MAX = 10_000;

    private final InstantSource clock;
    private final SecretKeySpec key;
    private final Map<String, Long> until = new LinkedHashMap<>();

    VerifiedOnce(SecureRandom random, InstantSource clock) {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        this.key = new SecretKeySpec(bytes, "HmacSHA256");
        this.clock = clock;
    }

    synchronized boolean knows(Account account, String password) {
        Long end = until.get(entry(account, password));
        return end != null && clock.millis() < end;
    }

    synchronized void remember(Account account, String password) {
        long now = clock.millis();
        until.values().removeIf(end -> end <= now);
        Iterator<String> oldest = until.keySet().iterator();
        while (until.size() >= ENTRIES_MAX && oldest.hasNext()) {
            oldest.next();
            oldest.remove();
        }
        until.put(entry(account, password), now + KEPT.toMillis());
    }

    private String entry(Account account, String password) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            mac.update((account.id() + "|" + account.revision() + "|").getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(mac.doFinal(password.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }
}
