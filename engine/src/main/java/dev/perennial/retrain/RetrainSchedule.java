package dev.perennial.retrain;

import dev.perennial.lifecycle.file.Retrain;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.List;

/**
 * When a schedule fires, on the model's local clock. Each day (or week) fires exactly once: a time that a clock change leaps over fires at
 * the first moment after the gap, a time that occurs twice at the earlier one. The next time follows from the last one, never from now, so
 * a restart neither repeats nor loses a firing.
 */
public final class RetrainSchedule {
    private final Retrain rules;
    private final ZoneId zone;

    public RetrainSchedule(Retrain rules, ZoneId zone) {
        this.rules = rules;
        this.zone = zone;
    }

    /** The first firing strictly after a moment. */
    public long next(long after) {
        LocalDate day = Instant.ofEpochMilli(after).atZone(zone).toLocalDate();
        if (rules.weekday() != null) {
            day = day.with(TemporalAdjusters.nextOrSame(rules.weekday()));
        }
        long at = at(day);
        while (at <= after) {
            day = rules.weekday() == null ? day.plusDays(1) : day.plusWeeks(1);
            at = at(day);
        }
        return at;
    }

    /** All firings after {@code after} up to and with {@code until}. */
    public List<Long> between(long after, long until) {
        List<Long> times = new ArrayList<>();
        for (long at = next(after); at <= until; at = next(at)) {
            times.add(at);
        }
        return times;
    }

    private long at(LocalDate day) {
        LocalTime time = LocalTime.parse(rules.time());
        var gap = zone.getRules().getTransition(day.atTime(time));
        if (gap != null && gap.isGap()) {
            return gap.getInstant().toEpochMilli();
        }
        return day.atTime(time)
                .atZone(zone)
                .withEarlierOffsetAtOverlap()
                .toInstant()
                .toEpochMilli();
    }
}
