package dev.perennial.statistics;

import com.fasterxml.jackson.annotation.JsonIgnore;
import org.jspecify.annotations.Nullable;

/**
 * A value that may be undefined for a reason that lies in the data, or defined by convention with a remark.
 *
 * @param value NaN when undefined
 * @param note why it is undefined, or which convention gave the value; null for an ordinary value
 */
public record Metric(double value, @Nullable String note) {

    public static Metric of(double value) {
        return new Metric(value, null);
    }

    public static Metric undefined(String reason) {
        return new Metric(Double.NaN, reason);
    }

    /** A quotient, undefined for a denominator of zero. */
    static Metric quotient(double numerator, double denominator, String reason) {
        return denominator == 0 ? undefined(reason) : of(numerator / denominator);
    }

    @JsonIgnore
    public boolean isDefined() {
        return !Double.isNaN(value);
    }

    public double orElse(double other) {
        return isDefined() ? value : other;
    }
}
