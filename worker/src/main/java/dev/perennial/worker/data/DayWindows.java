package dev.perennial.worker.data;

import dev.perennial.lifecycle.file.Features.Days;
import dev.perennial.lifecycle.file.Features.Window;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.worker.StepFailure;
import dev.perennial.worker.StepFailure.Kind;
import java.time.LocalTime;
import java.time.format.DateTimeParseException;
import java.util.Map;

/**
 * Windows over published calendar days: values are first added up for each key and local event day, then the days up to the last published
 * one are added for each key that is asked for.
 */
final class DayWindows {
    private static final long DAY_MILLIS = 86_400_000L;
    /** Days of margin for publication and for the change of clocks. */
    private static final int MARGIN_DAYS = 3;

    private final DuckDb db;
    private final LifecycleFile file;
    private final long firstT;
    private final long lastT;
    /** Made tables: key is what they hold, value is their name. Shared by the windows of one query. */
    private final Map<String, String> made;

    DayWindows(DuckDb db, LifecycleFile file, long firstT, long lastT, Map<String, String> made) {
        this.db = db;
        this.file = file;
        this.firstT = firstT;
        this.lastT = lastT;
        this.made = made;
    }

    void create(SourceTable from, Window window, Days days, String piece) {
        String publications = publications(days);
        String last = lastPublished(days, publications);
        String sums = sums(from, window, publications);
        String first = "(SELECT min(day) FROM " + Sql.name(firstDay(from, window, publications)) + ")";
        String by = Sql.name("by:" + window.by());
        db.execute("CREATE TEMP TABLE " + Sql.name(piece) + " AS WITH spine AS (SELECT b.rn, b." + by
                + " AS g, l.day AS upto FROM base b JOIN "
                + Sql.name(last) + " l ON l.rn = b.rn WHERE b." + by + " IS NOT NULL AND l.day >= " + first
                + "), asked AS (SELECT DISTINCT g, upto FROM spine), added AS (SELECT q.g, q.upto, sum(a.s) AS s, sum(a.n) AS n FROM asked q JOIN "
                + Sql.name(sums) + " a ON a.g = q.g AND a.day <= q.upto AND a.day > q.upto - " + days.count()
                + " GROUP BY q.g, q.upto) SELECT spine.rn, " + FeatureQuery.value(window, "added.s", "added.n") + " AS "
                + Sql.name("f:" + window.as())
                + " FROM spine LEFT JOIN added ON added.g = spine.g AND added.upto = spine.upto");
    }

    private long fromMillis() {
        long longest = file.features().windows().stream()
                .mapToLong(window -> window.days() == null ? 0 : window.days().count())
                .max()
                .orElse(0);
        return firstT - (longest + MARGIN_DAYS) * DAY_MILLIS;
    }

    private String publications(Days days) {
        return made.computeIfAbsent("published " + days.published(), what -> {
            String table = "published_" + made.size();
            LocalCalendar.createPublications(db, table, file.zone(), fromMillis(), lastT, time(days.published()));
            return table;
        });
    }

    private String lastPublished(Days days, String publications) {
        return made.computeIfAbsent("last " + days.published(), what -> {
            String table = "last_" + made.size();
            db.execute("CREATE TEMP TABLE " + Sql.name(table) + " AS SELECT b.rn, p.day FROM base b ASOF JOIN "
                    + Sql.name(publications) + " p ON b.t >= p.starts");
            return table;
        });
    }

    private String sums(SourceTable from, Window window, String publications) {
        String what = String.join(
                " ",
                "sums",
                from.name(),
                window.column(),
                window.by(),
                publications,
                window.aggregate().name(),
                String.valueOf(window.clip()));
        return made.computeIfAbsent(what, key -> {
            String table = "sums_" + made.size();
            db.execute("CREATE TEMP TABLE " + Sql.name(table) + " AS SELECT g, day, sum(x) AS s, count(*) AS n FROM ("
                    + onTime(from, window, publications, "event >= " + fromMillis() + " AND known <= " + lastT)
                    + ") v WHERE g IS NOT NULL GROUP BY g, day");
            return table;
        });
    }

    /** The first day with a value that was published in time; with values from before the days looked at, every day has a past. */
    private String firstDay(SourceTable from, Window window, String publications) {
        return made.computeIfAbsent("first " + from.name() + " " + window.column() + " " + publications, key -> {
            String table = "first_" + made.size();
            String earlier = "SELECT 1 FROM " + from.scan() + " WHERE " + from.eventMillis() + " < " + fromMillis()
                    + " AND " + FeatureQuery.aggregated(from, window) + " IS NOT NULL";
            db.execute("CREATE TEMP TABLE " + Sql.name(table) + " AS SELECT CASE WHEN EXISTS (" + earlier
                    + ") THEN DATE '1900-01-01' ELSE min(day) END AS day FROM ("
                    + onTime(from, window, publications, "event >= " + fromMillis() + " AND known <= " + lastT)
                    + ") v");
            return table;
        });
    }

    private String onTime(SourceTable from, Window window, String publications, String where) {
        return "SELECT r.g, r.x, d.day, r.event FROM (SELECT * FROM (SELECT " + FeatureQuery.byValue(from, window.by())
                + " AS g, "
                + from.eventMillis() + " AS event, " + from.known(window.column()) + " AS known, "
                + FeatureQuery.aggregated(from, window)
                + " AS x FROM " + from.scan() + " WHERE "
                + RowRules.soundWhenKnown(from, file.contract(), window.column())
                + ") y WHERE x IS NOT NULL AND " + where + ") r ASOF JOIN days d ON r.event >= d.starts JOIN "
                + Sql.name(publications)
                + " p ON p.day = d.day AND r.known <= p.starts";
    }

    private static LocalTime time(String published) {
        try {
            return LocalTime.parse(published);
        } catch (DateTimeParseException e) {
            throw new StepFailure(Kind.CONFIG, "published '" + published + "' is not a local time such as 06:00");
        }
    }
}
