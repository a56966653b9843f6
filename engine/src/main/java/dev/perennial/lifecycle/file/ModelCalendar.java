package dev.perennial.lifecycle.file;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;

/**
 * Days of a model and the hour at which their outcomes are published. Clock changes move nothing: a day ends at the publication hour of
 * the local clock, after 23, 24 or 25 hours.
 *
 * @param timeZone the model's time zone, {@code America/New_York}
 * @param publication local time of day, {@code 06:00}
 */
public record ModelCalendar(String timeZone, String publication) {
    public ModelCalendar {
        ZoneId.of(timeZone);
        LocalTime.parse(publication);
    }

    /** The local day of a moment. */
    public LocalDate day(long at) {
        return Instant.ofEpochMilli(at).atZone(ZoneId.of(timeZone)).toLocalDate();
    }

    /** The end of a step: the publication hour after its n-th day; the day it is entered counts as the first. */
    public long stepEnd(long enteredAt, int days) {
        return published(day(enteredAt).plusDays(days - 1L));
    }

    /** When the outcomes of a day are published: at the publication hour of the day after. */
    public long published(LocalDate day) {
        return day.plusDays(1)
                .atTime(LocalTime.parse(publication))
                .atZone(ZoneId.of(timeZone))
                .toInstant()
                .toEpochMilli();
    }

    /** Whether a day is over and its outcomes are due. */
    public boolean closed(LocalDate day, long clock) {
        return published(day) <= clock;
    }

    /** The first publication after a moment. */
    public long nextPublication(long after) {
        LocalDate day = day(after).minusDays(2);
        while (published(day) <= after) {
            day = day.plusDays(1);
        }
        return published(day);
    }
}
