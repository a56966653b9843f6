package dev.perennial.scorer.http.mlflow;

import dev.perennial.scorer.Metrics;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts by endpoint and by a name that callers choose. So that nobody can fill the memory with names, each endpoint has at most a
 * hundred of its own; further ones count together as {@code (other)}. Thread-safe.
 */
final class NameTally {
    static final int NAMES_MAX = 100;
    static final String OTHER = "(other)";

    private static final Logger LOG = LoggerFactory.getLogger(NameTally.class);
    private static final int SHOWN_MAX = 100;

    private final Metrics metrics;
    private final String metric;
    private final String what;
    private final Map<String, Map<String, LongAdder>> byEndpoint = new ConcurrentHashMap<>();

    /** @param what is said once in the log of each name */
    NameTally(Metrics metrics, String metric, String what) {
        this.metrics = metrics;
        this.metric = metric;
        this.what = what;
    }

    void add(String endpoint, String name, long count) {
        Map<String, LongAdder> names = byEndpoint.computeIfAbsent(endpoint, each -> new ConcurrentHashMap<>());
        LongAdder counter = names.get(name);
        (counter == null ? counter(endpoint, names, name) : counter).add(count);
    }

    private synchronized LongAdder counter(String endpoint, Map<String, LongAdder> names, String name) {
        boolean known = name.length() <= SHOWN_MAX && (names.size() < NAMES_MAX || names.containsKey(name));
        return names.computeIfAbsent(known ? name : OTHER, key -> {
            String shown = key.replaceAll("\\p{Cntrl}", "?");
            LOG.info("endpoint {}: {} '{}'", endpoint, what, shown);
            return metrics.counter(metric, "endpoint", endpoint, "column", shown);
        });
    }
}
