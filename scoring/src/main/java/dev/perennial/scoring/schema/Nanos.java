package dev.perennial.scoring.schema;

/**
 * A value of a datetime column.
 *
 * @param sinceEpoch nanoseconds since 1970 in UTC
 */
public record Nanos(long sinceEpoch) {}
