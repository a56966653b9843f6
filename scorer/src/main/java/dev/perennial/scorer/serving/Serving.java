package dev.perennial.scorer.serving;

import dev.perennial.scorer.config.ScorerConfig.ModelFiles;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is served under one configuration. A request leases it, so that its models stay open until the request and its shadow
 * copies are done, whatever configuration came meanwhile.
 */
public final class Serving implements AutoCloseable {
    private final Map<String, Endpoint> endpoints;
    private final Set<String> unready;
    private final List<ModelFiles> held;
    private final ModelCache cache;
    private final AtomicInteger leases = new AtomicInteger(1);

    Serving(Map<String, Endpoint> endpoints, Set<String> unready, List<ModelFiles> held, ModelCache cache) {
        this.endpoints = Map.copyOf(endpoints);
        this.unready = Set.copyOf(unready);
        this.held = List.copyOf(held);
        this.cache = cache;
    }

    /** The endpoint of that name, null when it is not there or not ready. */
    public @Nullable Endpoint endpoint(String name) {
        return endpoints.get(name);
    }

    public Set<String> names() {
        return endpoints.keySet();
    }

    /** Endpoints that are configured but have no loaded champion. */
    public Set<String> unready() {
        return unready;
    }

    Iterable<Endpoint> all() {
        return endpoints.values();
    }

    /** False when it was given up meanwhile: take the newer one. */
    boolean lease() {
        int now = leases.get();
        while (now > 0) {
            if (leases.compareAndSet(now, now + 1)) {
                return true;
            }
            now = leases.get();
        }
        return false;
    }

    /** Ends a lease. */
    @Override
    public void close() {
        if (leases.decrementAndGet() == 0) {
            held.forEach(cache::release);
        }
    }
}
