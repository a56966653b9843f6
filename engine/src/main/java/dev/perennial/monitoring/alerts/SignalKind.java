package dev.perennial.monitoring.alerts;

import dev.perennial.statistics.Hysteresis;

/** What a signal watches, how patient its rule is, and whether it is a cause or may be the consequence of one. */
public enum SignalKind {
    FRESHNESS(true, 1),
    VOLUME(true, 1),
    COLUMN_MISSING(true, 1),
    MISSING_SHARE(true, 2),
    OUT_OF_RANGE(true, 2),
    UNKNOWN_CATEGORY(true, 2),
    SKEW(true, 2),
    DRIFT(false, 2),
    PERFORMANCE(false, 2);

    /** Clear windows after which a firing rule is quiet again. */
    static final int KEEP_WINDOWS = 2;

    private final boolean cause;
    private final Hysteresis.Rule rule;

    SignalKind(boolean cause, int forWindows) {
        this.cause = cause;
        rule = new Hysteresis.Rule(1, 0.5, forWindows, KEEP_WINDOWS, Hysteresis.Missing.HOLD);
    }

    /** A data fault; while one is open, what is not a cause joins its alert instead of opening another. */
    public boolean isCause() {
        return cause;
    }

    /** What comes from what: faults of data (2) do harm (1), and drift (0) goes with either. */
    int rank() {
        return cause ? 2 : this == PERFORMANCE ? 1 : 0;
    }

    Hysteresis.Rule rule() {
        return rule;
    }
}
