package dev.perennial.governance;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Slows down who guesses: after a few failures for one account from one address the next try must wait, twice as long each time, up to a
 * minute. Others at the same account, and other accounts at the same address, do not wait for them. Thread-safe.
 */
final class Attempts {
    private static final int FREE = 5;
    private static final long FIRST_MILLIS = 1_000;
    private static final long LONGEST_MILLIS = 60_000;
    private static final long FORGOTTEN_MILLIS = 15 * 60_000;
    private static final int ENTRIES_MAX = 10_000;

    private final InstantSource clock;
    private final Map<String, Failures> failures = new LinkedHashMap<>();

    private record Failures(int count, long last) {
        long waitUntil() {
            int doublings = Math.min(count - FREE, 6);
            return count < FREE ? 0 : last + Math.min(LONGEST_MILLIS, FIRST_MILLIS << Math.max(0, doublings));
        }
    }

    Attempts(InstantSource clock) {
        this.clock = clock;
    }

    /** Refuses a try that comes too early. */
    synchronized void check(String account, String address) {
        Failures known = failures.get(key(account, address));
        long now = clock.millis();
        if (known != null && now < known.waitUntil()) {
            throw new PerennialException(
                    ErrorCode.TOO_MANY_REQUESTS,
                    "too many failed sign-ins from this address; try again in " + (known.waitUntil() - now + 999) / 1000
                            + " s");
        }
    }

    synchronized void failed(String account, String address) {
        long now = clock.millis();
        failures.values().removeIf(known -> now - known.last() > FORGOTTEN_MILLIS);
        Iterator<String> oldest = failures.keySet().iterator();
        while (failures.size() >= ENTRIES_MAX && oldest.hasNext()) {
            oldest.next();
            oldest.remove();
        }
        String key = key(account, address);
        Failures known = failures.remove(key);
        failures.put(key, new Failures(known == null ? 1 : known.count() + 1, now));
    }

    synchronized void succeeded(String account, String address) {
        failures.remove(key(account, address));
    }

    private static String key(String account, String address) {
        return address + " " + account;
    }
}
