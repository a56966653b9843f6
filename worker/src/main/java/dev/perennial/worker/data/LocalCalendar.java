package dev.perennial.worker.data;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.StringJoiner;

/**
 * Local days as a table in DuckDB, made from Java's time zone rules so that both feature engines agree on where a day starts. Days before
 * 1900 and after 2200 do not exist.
 */
final class LocalCalendar {
    private static final LocalDate FIRST = LocalDate.of(1900, 1, 1);
    private static final LocalDate LAST = LocalDate.of(2200, 1, 1);
    private static final int MARGIN_DAYS = 2;

    private LocalCalendar() {}

    /** Makes the table {@code name(day DATE, starts BIGINT)} for all local days that touch the range, with a margin. */
    static void createDays(DuckDb db, String table, ZoneId zone, long fromMillis, long toMillis) {
        create(db, table, zone, fromMillis, toMillis, LocalTime.MIDNIGHT, 0);
    }

    /** Makes the table {@code name(day DATE, starts BIGINT)} with the time at which each day is published: a local time of the day after. */
    static void createPublications(
            DuckDb db, String table, ZoneId zone, long fromMillis, long toMillis, LocalTime published) {
        create(db, table, zone, fromMillis, toMillis, published, 1);
    }

    private static void create(
            DuckDb db, String table, ZoneId zone, long fromMillis, long toMillis, LocalTime time, int laterDays) {
        LocalDate first = clamp(dayOf(fromMillis, zone).minusDays(MARGIN_DAYS));
        LocalDate last = clamp(dayOf(toMillis, zone).plusDays(MARGIN_DAYS));
        StringJoiner rows = new StringJoiner(", ");
        for (LocalDate day = first; !day.isAfter(last); day = day.plusDays(1)) {
            long starts = day.plusDays(laterDays)
                    .atTime(time)
                    .atZone(zone)
                    .toInstant()
                    .toEpochMilli();
            rows.add("(DATE '" + day + "', " + starts + ")");
        }
        db.execute(
                "CREATE TEMP TABLE " + Sql.name(table) + " AS SELECT * FROM (VALUES " + rows + ") AS v(day, starts)");
    }

    private static LocalDate dayOf(long millis, ZoneId zone) {
        return Instant.ofEpochMilli(millis).atZone(zone).toLocalDate();
    }

    private static LocalDate clamp(LocalDate day) {
        return day.isBefore(FIRST) ? FIRST : day.isAfter(LAST) ? LAST : day;
    }
}
