package dev.perennial.scoring;

import java.util.function.BooleanSupplier;

/**
 * When nobody waits for a result any more.
 *
 * @param deadlineNanos {@link System#nanoTime} by which it is wanted; {@link Long#MAX_VALUE} when there is none
 * @param cancelled true once the caller went away
 */
public record RunLimit(long deadlineNanos, BooleanSupplier cancelled) {
    /** No limit beyond the model's own. */
    public static final RunLimit NONE = new RunLimit(Long.MAX_VALUE, () -> false);

    /** Whether work that has not begun is not to begin. */
    public boolean over() {
        return cancelled.getAsBoolean() || (deadlineNanos != Long.MAX_VALUE && System.nanoTime() - deadlineNanos > 0);
    }

    /** Nanoseconds left, 0 when none are. */
    public long nanosLeft() {
        return deadlineNanos == Long.MAX_VALUE ? Long.MAX_VALUE : Math.max(0, deadlineNanos - System.nanoTime());
    }
}
