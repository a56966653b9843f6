package dev.perennial.scorer.telemetry;

import java.util.List;

/**
 * All series of one name.
 *
 * @param name as it is told; nothing is added to it
 */
public record Family(String name, Kind kind, List<Series> series) {
    /** What the values of a family are, as both formats know them. */
    public enum Kind {
        COUNTER,
        GAUGE,
        HISTOGRAM
    }

    /** @param labels pairs of label name and value */
    public record Series(List<String> labels, Value value) {}

    /** What is told of a series. */
    public sealed interface Value {}

    /** A whole number or a fraction. */
    public record Number(double value) implements Value {}

    /** A distribution. */
    public record Distribution(Histogram histogram) implements Value {}
}
