package dev.perennial.monitoring.alerts;

import org.jspecify.annotations.Nullable;

/**
 * What one rule sees in one closed window.
 *
 * @param cause what alerts are grouped by: the feed ({@code weather}), or the kind itself
 * @param column null for signals on a feed or on the model
 * @param value bad from 1 on, clear below 0.5, in between it holds; null when there is no value (also: too little data)
 * @param windowFrom first moment of the data that the value rests on: what a fault in there broke is no fault of its own
 * @param text one sentence for people
 * @param evidence names what shows it, such as a day or a window
 */
public record Signal(
        SignalKind kind,
        String cause,
        @Nullable String column,
        @Nullable Double value,
        long windowFrom,
        Severity severity,
        String text,
        String evidence) {

    public static final double BAD = 1;
    /** Neither bad nor clear: a warning keeps a firing rule firing and starts nothing. */
    public static final double BETWEEN = 0.5;

    public static final double CLEAR = 0;

    /** How loud. */
    public enum Severity {
        WARNING,
        CRITICAL
    }

    /** Identity of the rule: the same for every window. */
    public String rule() {
        return kind.name() + "|" + cause + "|" + (column == null ? "" : column);
    }

    boolean isBad() {
        Double seen = value;
        return seen != null && seen >= BAD;
    }
}
