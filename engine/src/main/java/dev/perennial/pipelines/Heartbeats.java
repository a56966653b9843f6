package dev.perennial.pipelines;

import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Progress of running attempts, in memory: a heartbeat costs no commit. The engine writes the leases of all attempts that were heard of
 * in one transaction. Thread-safe; at most one entry for each running attempt.
 */
final class Heartbeats {
    /** How far an attempt is. */
    record Progress(double share, String line, long at) {}

    private final Map<Long, Progress> byFence = new ConcurrentHashMap<>();
    private final Set<Long> heard = ConcurrentHashMap.newKeySet();

    void beat(long fence, double share, String line, long now) {
        byFence.put(fence, new Progress(share, line, now));
        heard.add(fence);
    }

    Optional<Progress> of(long fence) {
        return Optional.ofNullable(byFence.get(fence));
    }

    void forget(long fence) {
        byFence.remove(fence);
        heard.remove(fence);
    }

    /** The attempts that were heard of since the last call. */
    Set<Long> drain() {
        Set<Long> fences = new HashSet<>(heard);
        heard.removeAll(fences);
        return fences;
    }
}
