package dev.perennial.tracking;

/**
 * One value of a metric. Of several the latest is the greatest by step, then time, then value, in whatever order they arrived.
 *
 * @param at milliseconds since 1970
 */
public record Metric(String key, double value, long at, long step) {}
