package dev.perennial.features;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.Map;

/** When local days are published. Not thread-safe; remembers the days it was asked for, at most {@value #DAYS_REMEMBERED}. */
final class PublishedDays {
    private static final int DAYS_REMEMBERED = 20_000;
    private final ZoneId zone;
    private final LocalTime published;
    private final Map<Long, Long> publications = new HashMap<>();

    PublishedDays(ZoneId zone, LocalTime published) {
        this.zone = zone;
        this.published = published;
    }

    /** The local day of a time, as days since 1970. */
    long dayOf(long millis) {
        return Instant.ofEpochMilli(millis).atZone(zone).toLocalDate().toEpochDay();
    }

    /** When a day is published: at a local time of the day after. */
    long publication(long day) {
        if (publications.size() > DAYS_REMEMBERED) {
            publications.clear();
        }
        return publications.computeIfAbsent(
                day,
                key -> LocalDate.ofEpochDay(key + 1)
                        .atTime(published)
                        .atZone(zone)
                        .toInstant()
                        .toEpochMilli());
    }

    /** The newest day that is published by {@code t}. */
    long lastPublished(long t) {
        long day = dayOf(t);
        while (publication(day) > t) {
            day--;
        }
        return day;
    }
}
