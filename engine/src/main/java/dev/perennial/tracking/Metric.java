package dev.perennial.tracking;

import org.jspecify.annotations.Nullable;

/**
 * One value of a metric. Of several the latest is the greatest by step, then time, then value, in whatever order they arrived.
 *
 * @param at milliseconds since 1970
 * @param origin what was measured, where the client says so; kept with the history, not with the latest value
 */
public record Metric(
        String key,
        double value,
        long at,
        long step,
        @Nullable MetricOrigin origin) {
    public Metric(String key, double value, long at, long step) {
        this(key, value, at, step, null);
    }
}
