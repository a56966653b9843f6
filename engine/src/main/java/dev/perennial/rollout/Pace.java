package dev.perennial.rollout;

import dev.perennial.lifecycle.file.ModelCalendar;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * What a rollout counts by: local days whose outcomes are due, or blocks of a fixed length for an endpoint without labels. Both are the
 * clusters of its tests and the lengths of its steps.
 *
 * @param calendar of the model's days; null for blocks
 * @param blockMillis length of a block; 0 for days
 */
public record Pace(@Nullable ModelCalendar calendar, long blockMillis) {
    public Pace {
        if ((calendar == null) == (blockMillis <= 0)) {
            throw new IllegalArgumentException("either days or blocks of a length");
        }
    }

    public static Pace days(ModelCalendar calendar) {
        return new Pace(calendar, 0);
    }

    public static Pace blocks(Duration length) {
        return new Pace(null, length.toMillis());
    }

    /** The earliest end of a step that is entered now. */
    long stepEnd(long enteredAt, RolloutStep step) {
        return calendar != null
                ? calendar.stepEnd(enteredAt, step.days())
                : Math.ceilDiv(enteredAt, blockMillis) * blockMillis + step.blocks() * blockMillis;
    }

    /** When a step ends that is extended now: by a day, or by as many blocks as it has. */
    long extended(long clock, RolloutStep step) {
        return calendar != null
                ? calendar.nextPublication(clock)
                : (Math.floorDiv(clock, blockMillis) + Math.max(1, step.blocks())) * blockMillis;
    }

    /** How long one extension is, {@code a day} or {@code 30 blocks}. */
    String extension(RolloutStep step) {
        return calendar != null ? "a day" : text(Math.max(1, step.blocks()));
    }

    /** How long several were. */
    String waited(int extensions, RolloutStep step) {
        return text(calendar != null ? extensions : extensions * Math.max(1, step.blocks()));
    }

    /** Whether a cluster is over; of a day the outcomes are due then. */
    boolean closed(String cluster, long clock) {
        return calendar != null
                ? calendar.closed(LocalDate.parse(cluster), clock)
                : Instant.parse(cluster).toEpochMilli() + blockMillis <= clock;
    }

    /** Whether a cluster counts for a step: the day that it is entered on does, a block that had begun does not. */
    boolean counts(String cluster, long enteredAt) {
        return calendar != null
                ? !LocalDate.parse(cluster).isBefore(calendar.day(enteredAt))
                : Instant.parse(cluster).toEpochMilli() >= enteredAt;
    }

    /** {@code 3 days}, {@code 30 blocks of PT1M}. */
    String text(int clusters) {
        return calendar != null ? Wording.days(clusters) : clusters + " " + unit(clusters);
    }

    /** {@code day} or {@code block}, in the right number. */
    String unit(int clusters) {
        String one = calendar != null ? "day" : "block";
        return clusters == 1 ? one : one + "s";
    }
}
