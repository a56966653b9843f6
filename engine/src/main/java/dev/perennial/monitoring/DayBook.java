package dev.perennial.monitoring;

import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.monitoring.atoms.AtomCollector;
import dev.perennial.monitoring.atoms.ColumnAtom;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.serving.Labels;
import dev.perennial.serving.PredictionLog;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;

/**
 * The closed days of each model. A day is closed once its outcomes are due; outcomes that come later still, and predictions delivered
 * late, revise it. Closing costs one pass over the day's log and outcomes. Closing again what is closed changes nothing. Thread-safe.
 */
public final class DayBook {
    /** Columns are watched over all versions together: callers send one stream of rows, whoever answers. */
    private static final String SERVED = "served";

    /** Days that late outcomes can still revise. */
    static final int REVISED_DAYS = 31;

    private final Database database;
    private final PredictionLog log;
    private final Labels labels;
    private final References references;
    private final InstantSource clock;

    public DayBook(Database database, PredictionLog log, Labels labels, References references, InstantSource clock) {
        this.database = database;
        this.references = references;
        this.log = log;
        this.labels = labels;
        this.clock = clock;
    }

    /** Closes every day from {@code first} to {@code last} that is not closed yet, and revises those that changed. */
    public void close(ModelId model, ZoneId zone, LocalDate first, LocalDate last) {
        Set<LocalDate> stale = new TreeSet<>(missing(model, first, last));
        stale.addAll(changed(model, last));
        for (LocalDate day : stale) {
            closeDay(model, zone, day);
        }
    }

    /** Closed days whose local date lies in {@code [first, last]}, in order. */
    public List<DayResult> days(ModelId model, LocalDate first, LocalDate last) {
        return database.read(sql -> sql.createQuery(
                        "select body from day_result where model = :model and day >= :first and day <= :last order by day")
                .bind("model", model.toString())
                .bind("first", first.toString())
                .bind("last", last.toString())
                .mapTo(String.class)
                .map(body -> Json.read(body, DayResult.class))
                .list());
    }

    private void closeDay(ModelId model, ZoneId zone, LocalDate day) {
        long from = day.atStartOfDay(zone).toInstant().toEpochMilli();
        long to = day.plusDays(1).atStartOfDay(zone).toInstant().toEpochMilli();
        long labelsSeen = database.read(sql -> newest(sql, model, from, to));
        long segmentsSeen = database.read(sql -> segments(sql, model, from, to));
        DayJoin join = new DayJoin(labels.between(model, from, to), !model.replayed());
        Optional<References.Anchored> anchored = references.find(model);
        Optional<AtomCollector> collector =
                anchored.map(found -> new AtomCollector(SERVED, found.reference(), found.rules()));
        log.between(model, from, to, record -> {
            if (join.add(record)
                    && record instanceof PredictionRecord prediction
                    && prediction.kept().drawn()) {
                collector.ifPresent(atoms -> atoms.add(day.toString(), prediction.features()));
            }
        });
        database.writing(tx -> {
            collector.ifPresent(atoms -> keep(tx, model, day, atoms.atoms()));
            int revision = 1
                    + tx.sql()
                            .createQuery(
                                    "select coalesce(max(revision), 0) from day_result where model = :model and day = :day")
                            .bind("model", model.toString())
                            .bind("day", day.toString())
                            .mapTo(Integer.class)
                            .one();
            tx.sql()
                    .createUpdate(
                            "insert into day_result (model, day, revision, first_event, last_event, labels_seen, segments_seen,"
                                    + " closed_at, body) values (:model, :day, :revision, :from, :to, :labels, :segments, :now, :body)"
                                    + " on conflict (model, day) do update set revision = excluded.revision, labels_seen = excluded.labels_seen,"
                                    + " segments_seen = excluded.segments_seen, closed_at = excluded.closed_at, body = excluded.body")
                    .bind("model", model.toString())
                    .bind("day", day.toString())
                    .bind("revision", revision)
                    .bind("from", from)
                    .bind("to", to)
                    .bind("labels", labelsSeen)
                    .bind("segments", segmentsSeen)
                    .bind("now", clock.millis())
                    .bind("body", Json.canonical(join.result(day.toString(), from, to, revision)))
                    .execute();
        });
    }

    /** Column states of closed days, in order. */
    public List<ColumnAtom> atoms(ModelId model, LocalDate first, LocalDate last) {
        return database
                .read(sql -> sql.createQuery(
                                "select body from day_atom where model = :model and day >= :first and day <= :last order by day")
                        .bind("model", model.toString())
                        .bind("first", first.toString())
                        .bind("last", last.toString())
                        .mapTo(String.class)
                        .list())
                .stream()
                .flatMap(body -> List.of(Json.read(body, ColumnAtom[].class)).stream())
                .toList();
    }

    private static void keep(Transaction tx, ModelId model, LocalDate day, List<ColumnAtom> atoms) {
        tx.sql()
                .createUpdate("insert into day_atom (model, day, body) values (:model, :day, :body)"
                        + " on conflict (model, day) do update set body = excluded.body")
                .bind("model", model.toString())
                .bind("day", day.toString())
                .bind("body", Json.canonical(atoms))
                .execute();
    }

    private List<LocalDate> missing(ModelId model, LocalDate first, LocalDate last) {
        Set<String> closed = Set.copyOf(database.read(sql -> sql.createQuery(
                        "select day from day_result where model = :model and day >= :first and day <= :last")
                .bind("model", model.toString())
                .bind("first", first.toString())
                .bind("last", last.toString())
                .mapTo(String.class)
                .list()));
        List<LocalDate> missing = new ArrayList<>();
        for (LocalDate day = first; !day.isAfter(last); day = day.plusDays(1)) {
            if (!closed.contains(day.toString())) {
                missing.add(day);
            }
        }
        return missing;
    }

    private List<LocalDate> changed(ModelId model, LocalDate last) {
        return database.read(
                sql -> sql.createQuery("select day from day_result d where model = :model and day >= :first and ("
                                + " exists (select 1 from label_batch b where b.model = d.model and b.number > d.labels_seen"
                                + " and b.first_event < d.last_event and b.last_event >= d.first_event)"
                                + " or (select count(*) from segment s where s.model = d.model and s.first_event < d.last_event"
                                + " and s.last_event >= d.first_event) > d.segments_seen)")
                        .bind("model", model.toString())
                        .bind("first", last.minusDays(REVISED_DAYS).toString())
                        .map((row, context) -> LocalDate.parse(row.getString("day")))
                        .list());
    }

    private static long newest(Handle sql, ModelId model, long from, long to) {
        return sql.createQuery(
                        "select coalesce(max(number), 0) from label_batch where model = :model and first_event < :to and last_event >= :from")
                .bind("model", model.toString())
                .bind("from", from)
                .bind("to", to)
                .mapTo(Long.class)
                .one();
    }

    private static long segments(Handle sql, ModelId model, long from, long to) {
        return sql.createQuery(
                        "select count(*) from segment where model = :model and first_event < :to and last_event >= :from")
                .bind("model", model.toString())
                .bind("from", from)
                .bind("to", to)
                .mapTo(Long.class)
                .one();
    }
}
