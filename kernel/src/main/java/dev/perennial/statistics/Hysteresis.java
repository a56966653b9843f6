package dev.perennial.statistics;

import org.jspecify.annotations.Nullable;

/**
 * From window values to alert states: fires after {@code forWindows} bad windows in a row, clears after {@code keepWindows} clear ones; a
 * value between the two limits holds a firing alert and starts its clear count again. Immutable; one step for each closed window.
 */
public record Hysteresis(State state, int bad, int clear) {
    public static final Hysteresis START = new Hysteresis(State.OK, 0, 0);

    /** Where an alert stands. */
    public enum State {
        OK,
        PENDING,
        FIRING
    }

    /** What a window without a value does. */
    public enum Missing {
        /** State and counts stay. */
        HOLD,
        /** Counts as a clear window. */
        OK,
        /** Counts as a bad window. */
        ALERT
    }

    /**
     * @param fireAt bad from here on
     * @param clearAt clear below; at most {@code fireAt}
     */
    public record Rule(double fireAt, double clearAt, int forWindows, int keepWindows, Missing missing) {
        public Rule {
            if (clearAt > fireAt || forWindows < 1 || keepWindows < 1) {
                throw new IllegalArgumentException(
                        "rule fires at " + fireAt + " and clears at " + clearAt + " for " + forWindows + "/"
                                + keepWindows + " windows; clear must not lie above fire and windows are at least 1");
            }
        }
    }

    /** The state after the next window; null or NaN is a window without a value. */
    public Hysteresis next(@Nullable Double value, Rule rule) {
        if (value == null || value.isNaN()) {
            return switch (rule.missing()) {
                case HOLD -> this;
                case OK -> step(false, true, rule);
                case ALERT -> step(true, false, rule);
            };
        }
        return step(value >= rule.fireAt(), value < rule.clearAt(), rule);
    }

    private Hysteresis step(boolean isBad, boolean isClear, Rule rule) {
        if (state == State.FIRING) {
            if (!isClear) {
                return new Hysteresis(State.FIRING, 0, 0);
            }
            return clear + 1 >= rule.keepWindows() ? START : new Hysteresis(State.FIRING, 0, clear + 1);
        }
        if (!isBad) {
            return START;
        }
        boolean fires = bad + 1 >= rule.forWindows();
        return fires ? new Hysteresis(State.FIRING, 0, 0) : new Hysteresis(State.PENDING, bad + 1, 0);
    }
}
