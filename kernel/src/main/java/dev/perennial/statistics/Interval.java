package dev.perennial.statistics;

import com.fasterxml.jackson.annotation.JsonIgnore;

/**
 * An estimate with its confidence bounds and the number of independent units behind it (clusters where rows are clustered, else rows).
 * An undefined interval has an estimate of NaN and infinite bounds, so that no comparison with a threshold holds by accident.
 */
public record Interval(double estimate, double low, double high, int clusters) {

    /** What is returned when the data do not determine the statistic. */
    public static Interval undefined(int clusters) {
        return new Interval(Double.NaN, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, clusters);
    }

    @JsonIgnore
    public boolean isDefined() {
        return !Double.isNaN(estimate);
    }

    public double halfWidth() {
        return (high - low) / 2;
    }
}
