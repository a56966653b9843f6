package dev.perennial.worker.data;

import dev.perennial.data.ColumnType;
import dev.perennial.features.Arrival;
import dev.perennial.features.RowShape;
import dev.perennial.features.SourceRow;
import dev.perennial.lifecycle.file.ContractRule;
import dev.perennial.lifecycle.file.Features;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.lifecycle.file.Source;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.duckdb.DuckDBDataChunkReader;
import org.duckdb.DuckDBReadableVector;
import org.jspecify.annotations.Nullable;

/**
 * Reads the sources of a lifecycle file as one stream in event time: what becomes known, labels, and predictions when they are due. The
 * known-at declarations of the file given as truth decide when each value arrives. At equal times values come before labels and those
 * before predictions; ties follow event time and key, so that the stream is the same every time.
 *
 * <p>Rows of sources start before {@code from} by what features look back, so that an engine that begins empty answers right from the
 * first prediction. Read in slices of two weeks: memory holds one slice; each slice costs one scan of the used columns.
 */
public final class SourceFeeder implements Iterator<Arrival>, AutoCloseable {
    private static final long DAY_MILLIS = 86_400_000L;
    private static final long SLICE_MILLIS = 14 * DAY_MILLIS;
    private static final int MARGIN_DAYS = 3;

    private final DuckDb db;
    private final LifecycleFile truth;
    private final Set<LifecycleFile> consumers = new LinkedHashSet<>();
    private final Map<String, SourceTable> tables = new LinkedHashMap<>();
    private final List<Group> groups = new ArrayList<>();
    private final ArrayDeque<Arrival> slice = new ArrayDeque<>();
    private final long from;
    private final long to;
    private final long last;
    private final boolean unsampledPredictions;
    private final Carrier predicted;
    private long next;

    /** A time of a source's rows, as SQL. */
    private record Moment(SourceTable table, String time) {}

    /** Columns that become known together. */
    private record Group(SourceTable table, String known, Set<String> columns, Carrier carrier) {}

    /** The columns of a row shape with the SQL that reads each. */
    private record Carrier(RowShape shape, List<String> expressions, List<ColumnType> types) {
        String select() {
            return expressions.isEmpty() ? "" : ", " + String.join(", ", expressions);
        }
    }

    /**
     * @param truth whose sources are read and whose known-at is believed
     * @param others further files whose features are computed from the same stream
     * @param from first time of labels and predictions, inclusive
     * @param to last time, exclusive
     * @param unsampledPredictions whether predictions that {@code sample} leaves out appear too
     */
    public static SourceFeeder open(
            DuckDb.Settings settings,
            LifecycleFile truth,
            Collection<LifecycleFile> others,
            long from,
            long to,
            boolean unsampledPredictions) {
        DuckDb db = DuckDb.open(settings, SourceTable.realFiles(truth), List.of());
        try {
            return new SourceFeeder(db, truth, others, from, to, unsampledPredictions);
        } catch (RuntimeException e) {
            db.close();
            throw e;
        }
    }

    private SourceFeeder(
            DuckDb db,
            LifecycleFile truth,
            Collection<LifecycleFile> others,
            long from,
            long to,
            boolean unsampledPredictions) {
        this.db = db;
        this.truth = truth;
        this.from = from;
        this.to = to;
        this.unsampledPredictions = unsampledPredictions;
        consumers.add(truth);
        consumers.addAll(others);
        new TreeSet<>(truth.sources().keySet())
                .forEach(name -> tables.put(name, SourceTable.open(db, name, truth.source(name))));
        tables.values().forEach(this::addGroups);
        predicted = predictedRow();
        long[] data = range();
        next = Math.max(
                data[0],
                from
                        - consumers.stream()
                                .mapToLong(SourceFeeder::lookBackMillis)
                                .max()
                                .orElse(0));
        last = Math.min(to, data[1] + 1);
    }

    /** The times between which the sources hold anything at all, so that no slice is read in vain. */
    private long[] range() {
        long first = Long.MAX_VALUE;
        long newest = Long.MIN_VALUE;
        List<Moment> times = new ArrayList<>();
        groups.forEach(group -> times.add(new Moment(group.table(), group.known())));
        SourceTable base = base();
        times.add(new Moment(base, predictionTime(base)));
        String label = knownOrNull(base, truth.predict().label());
        if (label != null) {
            times.add(new Moment(base, label));
        }
        for (Moment moment : times) {
            String time = moment.time();
            long[] range = db.one(
                    "SELECT coalesce(min(" + time + "), " + Long.MAX_VALUE + "), coalesce(max(" + time + "), "
                            + (Long.MIN_VALUE + 1) + ") FROM " + moment.table().scan(),
                    row -> new long[] {row.getLong(1), row.getLong(2)});
            first = Math.min(first, range[0]);
            newest = Math.max(newest, range[1]);
        }
        return new long[] {first, newest};
    }

    private SourceTable base() {
        return Objects.requireNonNull(tables.get(truth.predict().from()));
    }

    /** How long before a prediction time the oldest value lies that its features may use. */
    public static long lookBackMillis(LifecycleFile file) {
        long longest = 0;
        for (Features.Latest latest : file.features().latest()) {
            longest = Math.max(longest, latest.maxAgeMillis());
        }
        for (Features.Window window : file.features().windows()) {
            Features.Days days = window.days();
            Long over = window.overMillis();
            longest = Math.max(
                    longest, days != null ? (days.count() + MARGIN_DAYS) * DAY_MILLIS : over == null ? 0 : over);
        }
        return longest;
    }

    private void addGroups(SourceTable table) {
        Map<String, Set<String>> byKnown = new LinkedHashMap<>();
        for (String column : lookedBackAt(table.name())) {
            String known = table.schema().has(column) ? knownOrNull(table, column) : null;
            if (known != null) {
                byKnown.computeIfAbsent(known, unused -> new LinkedHashSet<>()).add(column);
            }
        }
        byKnown.forEach((known, columns) -> {
            Set<String> carried = new LinkedHashSet<>(table.source().key());
            carried.addAll(columns);
            carried.addAll(byColumns(table.name()));
            truth.contract().stream()
                    .filter(rule ->
                            rule.source().equals(table.name()) && rule.onBreach() == ContractRule.OnBreach.quarantine)
                    .forEach(rule -> {
                        if (rule.column() != null) {
                            carried.add(rule.column());
                        }
                    });
            groups.add(new Group(table, known, Set.copyOf(columns), carrier(table, carried, known)));
        });
    }

    private Set<String> lookedBackAt(String source) {
        Set<String> columns = new LinkedHashSet<>();
        for (LifecycleFile file : consumers) {
            file.features().latest().stream()
                    .filter(latest -> latest.from().equals(source))
                    .forEach(latest -> latest.outputs().forEach(output -> columns.add(output.column())));
            file.features().windows().stream()
                    .filter(window -> window.from().equals(source))
                    .forEach(window -> columns.add(window.column()));
        }
        return columns;
    }

    private Set<String> byColumns(String source) {
        Set<String> columns = new LinkedHashSet<>();
        for (LifecycleFile file : consumers) {
            file.features().latest().stream()
                    .filter(latest -> latest.from().equals(source))
                    .forEach(latest -> columns.add(latest.by()));
            file.features().windows().stream()
                    .filter(window -> window.from().equals(source))
                    .forEach(window -> columns.add(window.by()));
        }
        return columns;
    }

    private Carrier predictedRow() {
        SourceTable base = base();
        Set<String> columns = new LinkedHashSet<>(base.source().key());
        for (LifecycleFile file : consumers) {
            columns.addAll(file.features().columns());
            file.features().sums().forEach(sum -> sum.terms().forEach(term -> columns.add(term.column())));
            file.features().latest().forEach(latest -> columns.add(latest.by()));
            file.features().windows().forEach(window -> columns.add(window.by()));
        }
        return carrier(base, columns, predictionTime(base));
    }

    private String predictionTime(SourceTable base) {
        return "(" + base.eventMillis() + " - " + truth.predict().aheadMillis() + ")";
    }

    /** Reads columns as far as they are known at a time. */
    private Carrier carrier(SourceTable table, Set<String> wanted, String time) {
        List<String> columns = wanted.stream().filter(table.schema()::has).toList();
        List<String> expressions = new ArrayList<>();
        List<ColumnType> types = new ArrayList<>();
        for (String column : columns) {
            ColumnType type = table.schema().type(column);
            String value = type == ColumnType.TIMESTAMP || type == ColumnType.DATE
                    ? table.millis(column)
                    : table.value(column);
            boolean identity = table.source().key().contains(column)
                    || table.source().knownAhead().contains(column);
            String known = identity ? null : knownOrNull(table, column);
            boolean never = !identity && known == null;
            expressions.add(
                    never
                            ? "NULL::" + (type == ColumnType.STRING ? "VARCHAR" : "DOUBLE")
                            : known == null || known.equals(time)
                                    ? value
                                    : "CASE WHEN " + known + " <= " + time + " THEN " + value + " END");
            types.add(type);
        }
        return new Carrier(new RowShape(table.name(), columns, table.source().key()), expressions, types);
    }

    /** When a column is known; null when the truth does not say, or says ahead. */
    private static @Nullable String knownOrNull(SourceTable table, String column) {
        Source source = table.source();
        return source.knownAhead().contains(column) || source.knownAtOf(column) == null ? null : table.known(column);
    }

    @Override
    public boolean hasNext() {
        while (slice.isEmpty() && next < last) {
            long end = Math.min(last, next + SLICE_MILLIS);
            read(next, end);
            next = end;
        }
        return !slice.isEmpty();
    }

    @Override
    public Arrival next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the stream ended at " + to);
        }
        return slice.remove();
    }

    private void read(long start, long end) {
        List<Arrival> arrivals = new ArrayList<>();
        for (Group group : groups) {
            rows(
                    group.table(),
                    group.known(),
                    group.carrier(),
                    start,
                    end,
                    "false",
                    read -> arrivals.add(new Arrival.RowKnown(read.row(), group.columns(), read.time())));
        }
        if (end > from) {
            labels(Math.max(start, from), end, arrivals);
            SourceTable base = base();
            String where = unsampledPredictions ? base.sampled() : "true";
            rows(base, predictionTime(base), predicted, Math.max(start, from), end, where, read -> {
                SourceRow row = read.row();
                arrivals.add(new Arrival.PredictionDue(row, row.id(), row.eventMillis(), read.time(), read.flag()));
            });
        }
        arrivals.sort(Comparator.comparingLong(Arrival::time).thenComparingInt(SourceFeeder::rank));
        slice.addAll(arrivals);
    }

    private static int rank(Arrival arrival) {
        return switch (arrival) {
            case Arrival.RowKnown known -> 0;
            case Arrival.LabelKnown label -> 1;
            case Arrival.PredictionDue due -> 2;
        };
    }

    private void labels(long start, long end, List<Arrival> arrivals) {
        SourceTable base = base();
        String known = knownOrNull(base, truth.predict().label());
        if (known == null) {
            return;
        }
        Set<String> columns = new LinkedHashSet<>(base.source().key());
        columns.add(truth.predict().label());
        rows(base, known, carrier(base, columns, known), start, end, base.sampled(), read -> {
            if (read.flag() && read.row().value(truth.predict().label()) instanceof Double label) {
                arrivals.add(new Arrival.LabelKnown(
                        read.row().id(), label, read.row().eventMillis(), read.time()));
            }
        });
    }

    private record Read(SourceRow row, long time, boolean flag) {}

    /** Rows whose time lies in the range, in order; with {@code sampled} as flag, unsampled predictions are left out unless asked for. */
    private void rows(
            SourceTable table,
            String time,
            Carrier carrier,
            long start,
            long end,
            String flag,
            Consumer<Read> consumer) {
        boolean onlySampled = flag.equals("true") && !unsampledPredictions;
        String order = String.join(
                ", ",
                table.source().key().stream()
                        .map(column -> Sql.name("k:" + column))
                        .toList());
        String keys = String.join(
                ", ",
                table.source().key().stream()
                        .map(column -> Sql.name(column) + " AS " + Sql.name("k:" + column))
                        .toList());
        List<String> named = new ArrayList<>();
        for (int i = 0; i < carrier.expressions().size(); i++) {
            named.add(carrier.expressions().get(i) + " AS c" + i);
        }
        String columns = String.join(
                ", ",
                java.util.stream.IntStream.range(0, named.size())
                        .mapToObj(i -> "c" + i)
                        .toList());
        String sql = "SELECT upto, event, flag, " + columns + " FROM (SELECT " + time + " AS upto, "
                + table.eventMillis() + " AS event, "
                + flag + " AS flag, " + String.join(", ", named) + ", " + keys + " FROM " + table.scan() + " WHERE "
                + time + " >= " + start
                + " AND " + time + " < " + end + (onlySampled ? " AND " + table.sampled() : "")
                + ") r ORDER BY upto, event, " + order;
        db.chunks(sql, chunk -> each(chunk, carrier, consumer));
    }

    private static void each(DuckDBDataChunkReader chunk, Carrier carrier, Consumer<Read> consumer) {
        int columns = carrier.types().size();
        DuckDBReadableVector[] vectors = new DuckDBReadableVector[columns + 3];
        for (int i = 0; i < vectors.length; i++) {
            vectors[i] = chunk.vector(i);
        }
        for (long row = 0; row < chunk.rowCount(); row++) {
            @Nullable Object[] values = new @Nullable Object[columns];
            for (int i = 0; i < columns; i++) {
                DuckDBReadableVector vector = vectors[i + 3];
                if (!vector.isNull(row)) {
                    values[i] = switch (vector.getType()) {
                        case VARCHAR -> vector.getString(row);
                        case BIGINT -> (Object) vector.getLong(row);
                        default -> (Object) vector.getDouble(row);
                    };
                }
            }
            consumer.accept(new Read(
                    new SourceRow(carrier.shape(), values, vectors[1].getLong(row)),
                    vectors[0].getLong(row),
                    vectors[2].getBoolean(row)));
        }
    }

    @Override
    public void close() {
        db.close();
    }
}
