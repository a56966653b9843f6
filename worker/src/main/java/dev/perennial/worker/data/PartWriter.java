package dev.perennial.worker.data;

import dev.perennial.data.SnapshotManifest.Part;
import dev.perennial.kernel.Digest;
import dev.perennial.lifecycle.file.LifecycleFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.IsoFields;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Computes the features of the weeks that are not there yet, all in one query, and writes one file for each week. */
final class PartWriter {
    private static final int DAYS_OF_WEEK = 7;

    private final DuckDb db;
    private final LifecycleFile file;
    private final FeatureQuery query;
    private final SnapshotColumns columns;
    private final SnapshotRecipe recipe;
    private final Path folder;

    PartWriter(
            DuckDb db,
            LifecycleFile file,
            FeatureQuery query,
            SnapshotColumns columns,
            SnapshotRecipe recipe,
            Path folder) {
        this.db = db;
        this.file = file;
        this.query = query;
        this.columns = columns;
        this.recipe = recipe;
        this.folder = folder;
    }

    /** Writes the weeks with sampled events in [from, to) but those that are there. */
    List<Part> write(long from, long to, Set<String> there) {
        long[] span = span(from, to, there);
        if (span[0] >= span[1]) {
            return List.of();
        }
        query.run(new FeatureQuery.Rows(span[0], span[1], true, true, to, null));
        List<Part> parts = new ArrayList<>();
        TreeSet<LocalDate> mondays = new TreeSet<>(db.list(
                "SELECT DISTINCT date_trunc('week', day)::DATE FROM " + FeatureQuery.TABLE,
                row -> row.getObject(1, LocalDate.class)));
        for (LocalDate monday : mondays) {
            if (!there.contains(week(monday))) {
                parts.add(write(monday, to));
            }
        }
        return parts;
    }

    /** From the first to the last event that needs computing. */
    private long[] span(long from, long to, Set<String> there) {
        ZoneId zone = file.zone();
        String event = query.base().eventMillis();
        long[] data = db.one(
                "SELECT coalesce(min(" + event + "), 0), coalesce(max(" + event + ") + 1, 0) FROM "
                        + query.base().scan() + " WHERE " + event + " >= " + from + " AND " + event + " < " + to,
                row -> new long[] {row.getLong(1), row.getLong(2)});
        long start = data[0];
        while (start < data[1]) {
            LocalDate monday = monday(start, zone);
            if (!there.contains(week(monday))) {
                break;
            }
            start = monday.plusDays(DAYS_OF_WEEK).atStartOfDay(zone).toInstant().toEpochMilli();
        }
        return new long[] {start, data[1]};
    }

    private Part write(LocalDate monday, long asOf) {
        String week = week(monday);
        String name = "part-" + week + ".parquet";
        Path path = folder.resolve(name);
        String where = "day >= DATE '" + monday + "' AND day < DATE '" + monday.plusDays(DAYS_OF_WEEK) + "'";
        String key = String.join(
                ", ",
                file.base().key().stream()
                        .map(column -> Sql.name("k:" + column))
                        .toList());
        // by way of a table of its own: the bytes then depend on the values alone, not on how a larger query cut its
        // chunks
        db.execute("CREATE TEMP TABLE part AS SELECT " + columns.select() + " FROM " + FeatureQuery.TABLE + " WHERE "
                + where + " ORDER BY event, " + key);
        db.execute("COPY part TO " + Sql.text(path.toString()) + " (FORMAT parquet, COMPRESSION zstd)");
        db.execute("DROP TABLE part");
        long weekEnds = monday.plusDays(DAYS_OF_WEEK)
                .atStartOfDay(file.zone())
                .toInstant()
                .toEpochMilli();
        long[] figures = db.one(
                "SELECT count(*), coalesce(max(label_time), 0) FROM " + FeatureQuery.TABLE + " WHERE " + where,
                row -> new long[] {row.getLong(1), row.getLong(2)});
        long finalAt = Math.max(weekEnds, figures[1]);
        try {
            return new Part(
                    week,
                    name,
                    Digest.ofFile(path).hex(),
                    Files.size(path),
                    figures[0],
                    finalAt,
                    finalAt <= asOf,
                    recipe.digest());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path, e);
        }
    }

    /** The name of the ISO week of a day. */
    static String week(LocalDate day) {
        return String.format(
                java.util.Locale.ROOT,
                "%d-W%02d",
                day.get(IsoFields.WEEK_BASED_YEAR),
                day.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
    }

    private static LocalDate monday(long millis, ZoneId zone) {
        return Instant.ofEpochMilli(millis)
                .atZone(zone)
                .toLocalDate()
                .with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
    }

    /** Reads several parts as one table. */
    static String scan(List<Path> parts) {
        return "read_parquet(["
                + String.join(
                        ", ",
                        parts.stream().map(part -> Sql.text(part.toString())).toList()) + "])";
    }
}
