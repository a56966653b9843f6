package dev.perennial.worker.training;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.LocalDate;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which rows a model may see.
 *
 * @param from first event time, inclusive
 * @param before events from here on stay unseen
 * @param labelKnownBy labels that became known later stay unseen
 * @param excludedDays local days left out, because their data broke the contract
 */
record TrainingClip(long from, long before, long labelKnownBy, Set<LocalDate> excludedDays) {
    private static final long DAY_MILLIS = 86_400_000L;

    TrainingClip {
        excludedDays = Set.copyOf(excludedDays);
    }

    /** Reads {@code clip} and {@code train.rowsDays}: the newest days end at {@code before}, or at {@code labelKnownBy} without it. */
    static TrainingClip of(JsonNode clip, @Nullable Integer rowsDays) {
        long labelKnownBy = Parameters.millis(clip, "labelKnownBy");
        long before = clip.hasNonNull("before") ? Parameters.millis(clip, "before") : Long.MAX_VALUE;
        long from = clip.hasNonNull("from") ? Parameters.millis(clip, "from") : Long.MIN_VALUE;
        if (rowsDays != null) {
            from = Math.max(from, Math.min(before, labelKnownBy) - rowsDays * DAY_MILLIS);
        }
        return new TrainingClip(
                from,
                before,
                labelKnownBy,
                Parameters.days(clip.path("excludedDays")).keySet());
    }

    /** Everything that was known at a time, or the newest days of it; no day is left out. */
    static TrainingClip until(long time, @Nullable Integer rowsDays) {
        return new TrainingClip(
                rowsDays == null ? Long.MIN_VALUE : time - rowsDays * DAY_MILLIS, Long.MAX_VALUE, time, Set.of());
    }

    /** Row numbers that may be seen, ascending. */
    int[] rows(SnapshotRows rows) {
        return rows.where(row -> rows.eventTime(row) >= from
                && rows.eventTime(row) < before
                && rows.labelledBy(row, labelKnownBy)
                && !excludedDays.contains(rows.date(row)));
    }
}
