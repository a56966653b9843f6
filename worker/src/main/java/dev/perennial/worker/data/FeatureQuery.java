package dev.perennial.worker.data;

import dev.perennial.data.ColumnType;
import dev.perennial.lifecycle.file.Features;
import dev.perennial.lifecycle.file.Features.Latest;
import dev.perennial.lifecycle.file.Features.Output;
import dev.perennial.lifecycle.file.Features.Window;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.worker.StepFailure;
import dev.perennial.worker.StepFailure.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The set-wise feature engine: computes the declared features of many base rows with SQL, each as of its prediction time, and leaves them
 * in the temporary table {@value #TABLE} (columns {@code rn, event, t, day}, the key as {@code k:NAME}, label, features under their own
 * names with the prefix {@code f:}). Only declared known-at times decide what is visible.
 *
 * <p>Cost: one scan of each used source for each group of features, one ASOF join for each {@code latest}, one sort for each sliding
 * window; day windows aggregate to days first. A year of 336,776 flights x 21 features takes about three CPU seconds, a week a fraction
 * of one.
 */
final class FeatureQuery {
    static final String TABLE = "features";
    private static final String BASE = "base";
    private static final String DAYS = "days";

    private final DuckDb db;
    private final LifecycleFile file;
    private final Map<String, SourceTable> tables = new LinkedHashMap<>();
    private final Map<String, String> pieces = new LinkedHashMap<>();
    private final Map<String, String> published = new LinkedHashMap<>();
    private long firstT;
    private long lastT;

    /**
     * Which base rows.
     *
     * @param from first event time, inclusive
     * @param to last event time, exclusive
     * @param sampled only the rows that {@code sample} keeps
     * @param sound only rows that no rule sets aside
     * @param labelKnownBy labels that become known later are null; null takes every label
     * @param only SQL condition on the source's columns; null for none
     */
    record Rows(
            long from,
            long to,
            boolean sampled,
            boolean sound,
            @Nullable Long labelKnownBy,
            @Nullable String only) {
        static Rows all() {
            return new Rows(Long.MIN_VALUE, Long.MAX_VALUE, false, true, null, null);
        }
    }

    FeatureQuery(DuckDb db, LifecycleFile file) {
        this.db = db;
        this.file = file;
        file.sources().keySet().stream()
                .sorted()
                .forEach(name -> tables.put(name, SourceTable.open(db, name, file.source(name))));
    }

    SourceTable table(String source, String where) {
        SourceTable table = tables.get(source);
        if (table == null) {
            throw new StepFailure(
                    Kind.CONFIG,
                    where + " names source '" + source + "', which is not declared; declared are " + tables.keySet());
        }
        return table;
    }

    SourceTable base() {
        return table(file.predict().from(), "predict");
    }

    /** Whether a feature is a category (text); others are numbers. */
    Map<String, Boolean> categories() {
        Map<String, Boolean> result = new LinkedHashMap<>();
        file.features()
                .columns()
                .forEach(column -> result.put(column, base().require(column, "features") == ColumnType.STRING));
        file.features().sums().forEach(sum -> result.put(sum.as(), false));
        file.features()
                .latest()
                .forEach(latest -> latest.outputs()
                        .forEach(output -> result.put(
                                output.as(),
                                table(latest.from(), "features").require(output.column(), "features")
                                        == ColumnType.STRING)));
        file.features().windows().forEach(window -> result.put(window.as(), false));
        return result;
    }

    /** Computes the features; returns the number of rows in {@value #TABLE}. */
    long run(Rows rows) {
        db.execute("CREATE TEMP TABLE base AS " + baseSql(rows));
        long[] range = db.one("SELECT count(*), coalesce(min(t), 0), coalesce(max(t), 0) FROM base", row ->
                new long[] {row.getLong(1), row.getLong(2), row.getLong(3)});
        firstT = range[1];
        lastT = range[2];
        long longestDays = file.features().windows().stream()
                .mapToLong(window -> window.days() == null ? 0 : window.days().count())
                .max()
                .orElse(0);
        LocalCalendar.createDays(
                db,
                DAYS,
                file.zone(),
                firstT - (longestDays + 2) * 86_400_000L,
                lastT + file.predict().aheadMillis());
        int index = 0;
        for (Latest latest : file.features().latest()) {
            latestPieces(latest, index++);
        }
        for (Window window : file.features().windows()) {
            windowPiece(window, index++);
        }
        db.execute("CREATE TEMP TABLE days_of AS SELECT b.rn, d.day FROM (SELECT rn, event FROM " + BASE
                + ") b ASOF JOIN " + DAYS + " d ON b.event >= d.starts");
        db.execute("CREATE TEMP TABLE " + TABLE + " AS " + joinSql());
        return range[0];
    }

    private String baseSql(Rows rows) {
        SourceTable base = base();
        List<String> select = new ArrayList<>();
        String t = "(" + base.eventMillis() + " - " + file.predict().aheadMillis() + ")";
        select.add(base.eventMillis() + " AS event");
        select.add(t + " AS t");
        base.source().key().forEach(column -> select.add(Sql.name(column) + " AS " + Sql.name("k:" + column)));
        select.add(Sql.name(base.source().eventTime()) + " AS event_time");
        String label = file.predict().label();
        base.requireNumber(label, "predict.label");
        String labelKnown = base.known(label);
        select.add((labelKnown == null ? base.eventMillis() : labelKnown) + " AS label_time");
        select.add((rows.labelKnownBy() == null || labelKnown == null
                        ? base.value(label)
                        : "CASE WHEN " + labelKnown + " <= " + rows.labelKnownBy() + " THEN " + base.value(label)
                                + " END")
                + " AS label");
        for (String by : byColumns()) {
            base.require(by, "by");
            select.add(visible(base, by, t, base.schema().type(by) == ColumnType.STRING ? Sql.name(by) : base.value(by))
                    + " AS " + Sql.name("by:" + by));
        }
        for (String column : file.features().columns()) {
            base.require(column, "features");
            select.add(visible(base, column, t, feature(base, column)) + " AS " + Sql.name("f:" + column));
        }
        file.features().sums().forEach(sum -> select.add(sum(base, sum, t) + " AS " + Sql.name("f:" + sum.as())));
        String where = "e.event >= " + rows.from() + " AND e.event < " + rows.to();
        return "SELECT row_number() OVER () AS rn, e.* FROM (SELECT " + String.join(", ", select) + " FROM "
                + base.scan() + " WHERE "
                + (rows.sampled() ? base.sampled() : "true") + " AND "
                + (rows.sound() ? RowRules.sound(base, file.contract()) : "true")
                + (rows.only() == null ? "" : " AND (" + rows.only() + ")")
                + ") e WHERE " + where;
    }

    private String feature(SourceTable table, String column) {
        return table.require(column, "features") == ColumnType.STRING
                ? table.value(column)
                : "CAST(" + table.value(column) + " AS FLOAT)";
    }

    /** A column of the base row: null while it is not known. */
    private static String visible(SourceTable base, String column, String t, String expression) {
        String known = base.known(column);
        return known == null ? expression : "CASE WHEN " + known + " <= " + t + " THEN " + expression + " END";
    }

    private String sum(SourceTable base, Features.Sum sum, String t) {
        List<String> terms = new ArrayList<>();
        for (Features.Term term : sum.terms()) {
            base.requireNumber(term.column(), "features.sums." + sum.as());
            terms.add(visible(base, term.column(), t, base.value(term.column())) + " * " + Sql.number(term.weight()));
        }
        return "CAST(" + String.join(" + ", terms) + " AS FLOAT)";
    }

    private Set<String> byColumns() {
        Set<String> result = new LinkedHashSet<>();
        file.features().latest().forEach(latest -> result.add(latest.by()));
        file.features().windows().forEach(window -> result.add(window.by()));
        return result;
    }

    /** Outputs with a known-at of their own are looked up one by one, the others share the row. */
    private void latestPieces(Latest latest, int index) {
        SourceTable from = table(latest.from(), "features.latest");
        List<Output> together = new ArrayList<>();
        for (Output output : latest.outputs()) {
            from.require(output.column(), "features.latest");
            if (from.knownByItself(output.column())) {
                latestPiece(latest, from, List.of(output), "latest_" + index + "_" + output.as());
            } else {
                together.add(output);
            }
        }
        if (!together.isEmpty()) {
            latestPiece(latest, from, together, "latest_" + index);
        }
    }

    private void latestPiece(Latest latest, SourceTable from, List<Output> outputs, String piece) {
        String leading = outputs.getFirst().column();
        String known = requireKnown(from, leading, outputs.getFirst().as());
        checkBy(from, latest.by());
        List<String> inner = new ArrayList<>();
        List<String> outer = new ArrayList<>();
        for (Output output : outputs) {
            inner.add(feature(from, output.column()) + " AS " + Sql.name("f:" + output.as()));
            Double whenNull = latest.whenNull().get(output.as());
            String value = "s." + Sql.name("f:" + output.as());
            outer.add(
                    (whenNull == null ? value : "coalesce(" + value + ", CAST(" + Sql.number(whenNull) + " AS FLOAT))")
                            + " AS " + Sql.name("f:" + output.as()));
            pieces.put(output.as(), piece);
        }
        String order = "event DESC, "
                + String.join(
                        ", ",
                        from.source().key().stream()
                                .map(column -> Sql.name("k:" + column) + " DESC")
                                .toList());
        String happened = from.knownByItself(leading) ? " AND " + from.value(leading) + " IS NOT NULL" : "";
        String keys = String.join(
                ", ",
                from.source().key().stream()
                        .map(column -> Sql.name(column) + " AS " + Sql.name("k:" + column))
                        .toList());
        String timeline = "SELECT * FROM (SELECT " + byValue(from, latest.by()) + " AS g, " + known + " AS known, "
                + from.eventMillis()
                + " AS event, " + keys + ", " + String.join(", ", inner) + " FROM " + from.scan() + " WHERE "
                + RowRules.soundWhenKnown(from, file.contract(), leading) + happened
                + ") x WHERE g IS NOT NULL AND known >= "
                + (firstT - latest.maxAgeMillis()) + " AND known <= " + lastT
                + " QUALIFY row_number() OVER (PARTITION BY g, known ORDER BY " + order + ") = 1";
        db.execute("CREATE TEMP TABLE " + Sql.name(piece) + " AS SELECT b.rn, " + String.join(", ", outer)
                + " FROM (SELECT rn, t, "
                + Sql.name("by:" + latest.by()) + " FROM " + BASE + ") b ASOF JOIN (" + timeline + ") s ON b."
                + Sql.name("by:" + latest.by()) + " = s.g AND b.t >= s.known WHERE s.known >= b.t - "
                + latest.maxAgeMillis());
    }

    private void windowPiece(Window window, int index) {
        SourceTable from = table(window.from(), "features.windows");
        checkBy(from, window.by());
        from.requireNumber(window.column(), "features.windows." + window.as());
        requireKnown(from, window.column(), window.as());
        String piece = "window_" + index;
        pieces.put(window.as(), piece);
        if (window.days() != null) {
            new DayWindows(db, file, firstT, lastT, published).create(from, window, window.days(), piece);
        } else {
            db.execute("CREATE TEMP TABLE " + Sql.name(piece) + " AS " + slidingSql(from, window));
        }
    }

    /** Values and the distinct questions about them in one sort; each question adds up the range before it, without cancellation. */
    private String slidingSql(SourceTable from, Window window) {
        long over = window.overMillis() == null ? 0 : window.overMillis();
        String by = Sql.name("by:" + window.by());
        String rows = "SELECT g, upto, x FROM (SELECT " + byValue(from, window.by()) + " AS g, "
                + from.known(window.column()) + " AS upto, "
                + aggregated(from, window) + " AS x FROM " + from.scan() + " WHERE "
                + RowRules.soundWhenKnown(from, file.contract(), window.column())
                + ") v WHERE g IS NOT NULL AND x IS NOT NULL AND upto > " + (firstT - over) + " AND upto <= " + lastT;
        String asked = "SELECT DISTINCT " + by + " AS g, t AS upto, NULL::DOUBLE AS x FROM " + BASE + " WHERE " + by
                + " IS NOT NULL";
        String added = "SELECT g, upto, x, sum(x) OVER w AS s, count(x) OVER w AS n FROM (" + rows + " UNION ALL "
                + asked + ") u WINDOW w AS (PARTITION BY g ORDER BY upto RANGE BETWEEN " + (over - 1)
                + " PRECEDING AND CURRENT ROW)";
        return "SELECT b.rn, " + value(window, "a.s", "a.n") + " AS " + Sql.name("f:" + window.as()) + " FROM " + BASE
                + " b JOIN (" + added + ") a ON a.x IS NULL AND a.g = b." + by + " AND a.upto = b.t";
    }

    /** What a window adds up: 0 or 1 for a share, the clipped value for a mean. */
    static String aggregated(SourceTable from, Window window) {
        String value = from.value(window.column());
        if (window.aggregate() == Features.Aggregate.share) {
            return "CASE WHEN " + value + " <> 0 THEN 1.0::DOUBLE WHEN " + value + " = 0 THEN 0.0::DOUBLE END";
        }
        Features.Clip clip = window.clip();
        return clip == null
                ? value
                : "CASE WHEN (" + value + ") IS NOT NULL THEN least(greatest(" + value + ", " + Sql.number(clip.low())
                        + "), " + Sql.number(clip.high()) + ") END";
    }

    /** The window's value from sum {@code s} and rows {@code n}, either of which may be null when nothing was found. */
    static String value(Window window, String s, String n) {
        Features.Prior prior = window.prior();
        String rows = "coalesce(" + n + ", 0)";
        String sum = "coalesce(" + s + ", 0)";
        if (prior == null) {
            return "CAST(CASE WHEN " + rows + " >= " + Math.max(1, window.atLeast()) + " THEN " + sum + " / " + rows
                    + " END AS FLOAT)";
        }
        int least = window.atLeast() <= 1 ? 0 : window.atLeast();
        return "CAST(CASE WHEN " + rows + " >= " + least + " THEN (" + sum + " + " + Sql.number(prior.weight()) + " * "
                + Sql.number(prior.value()) + ") / nullif(" + rows + " + " + Sql.number(prior.weight())
                + ", 0) END AS FLOAT)";
    }

    static String byValue(SourceTable from, String by) {
        return from.schema().type(by) == ColumnType.STRING ? Sql.name(by) : from.value(by);
    }

    private void checkBy(SourceTable from, String by) {
        boolean text = from.require(by, "by") == ColumnType.STRING;
        if (text != (base().require(by, "by") == ColumnType.STRING)) {
            throw new StepFailure(
                    Kind.CONFIG,
                    "column '" + by + "' is " + from.schema().type(by).word() + " in source '" + from.name() + "' and "
                            + base().schema().type(by).word() + " in source '" + base().name()
                            + "'; both must be text or both numbers");
        }
    }

    private static String requireKnown(SourceTable from, String column, String feature) {
        String known = from.known(column);
        if (known == null) {
            throw new StepFailure(
                    Kind.CONFIG,
                    "feature '" + feature + "' looks back at column '" + column + "' of source '" + from.name()
                            + "', which is declared known-ahead; declare its known-at instead");
        }
        return known;
    }

    private String joinSql() {
        StringBuilder joins = new StringBuilder();
        new LinkedHashSet<>(pieces.values())
                .forEach(piece -> joins.append(" LEFT JOIN ")
                        .append(Sql.name(piece))
                        .append(" ON ")
                        .append(Sql.name(piece))
                        .append(".rn = b.rn"));
        List<String> select = new ArrayList<>();
        select.add("b.rn, b.event, b.t, b.event_time, b.label_time, b.label, d.day");
        base().source().key().forEach(column -> select.add("b." + Sql.name("k:" + column)));
        for (String feature : file.featureNames()) {
            String piece = pieces.get(feature);
            select.add((piece == null ? "b" : Sql.name(piece)) + "." + Sql.name("f:" + feature));
        }
        return "SELECT " + String.join(", ", select) + " FROM " + BASE + " b LEFT JOIN days_of d ON d.rn = b.rn"
                + joins;
    }
}
