package dev.perennial.worker.data;

import dev.perennial.data.ValidationReport;
import dev.perennial.data.ValidationReport.Constraint;
import dev.perennial.data.ValidationReport.Example;
import dev.perennial.data.ValidationReport.ExcludedDay;
import dev.perennial.data.ValidationReport.Status;
import dev.perennial.lifecycle.file.ContractRule;
import dev.perennial.lifecycle.file.ContractRule.OnBreach;
import dev.perennial.lifecycle.file.Source;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Checks the rules on whole sources: unique key, rows in a day, freshness. The table {@code days} of local days must be there. */
final class SourceRules {
    private static final double MILLIS_PER_HOUR = 3_600_000.0;

    private final DuckDb db;
    private final SourceTable table;
    private final ContractRule rule;
    private final long from;
    private final long to;
    private final long asOf;
    private final List<ExcludedDay> excluded;

    SourceRules(
            DuckDb db,
            SourceTable table,
            ContractRule rule,
            long from,
            long to,
            long asOf,
            List<ExcludedDay> excluded) {
        this.db = db;
        this.table = table;
        this.rule = rule;
        this.from = from;
        this.to = to;
        this.asOf = asOf;
        this.excluded = excluded;
    }

    /** @param predictions SQL of the times {@code t} at which predictions were due, with their event times {@code event} */
    List<Constraint> check(String predictions) {
        List<Constraint> results = new ArrayList<>();
        if (rule.unique()) {
            results.add(unique());
        }
        if (rule.minRows() != null) {
            results.add(minRows(rule.minRows()));
        }
        if (rule.freshWithinMillis() != null) {
            results.add(fresh(rule.freshWithinMillis(), predictions));
        }
        return results;
    }

    private Constraint unique() {
        String where = SourceValidator.rows(table, from, to, asOf);
        String group =
                String.join(", ", table.source().key().stream().map(Sql::name).toList());
        String grouped = "SELECT " + SourceValidator.keys(table) + ", count(*) AS n, min(" + table.eventMillis()
                + ") AS event FROM " + table.scan() + " WHERE " + where + " GROUP BY " + group;
        long[] counts = db.one(
                "SELECT coalesce(sum(n), 0)::BIGINT, coalesce(sum(n) FILTER (n > 1), 0)::BIGINT FROM (" + grouped
                        + ") g",
                row -> new long[] {row.getLong(1), row.getLong(2)});
        List<Example> examples = new ArrayList<>();
        if (counts[1] > 0) {
            int keys = table.source().key().size();
            examples.addAll(db.list(
                    grouped + " HAVING count(*) > 1 ORDER BY event LIMIT " + ValidationReport.EXAMPLES_MAX,
                    row -> new Example(SourceValidator.key(table, row, 1), row.getLong(keys + 1) + " rows")));
            exclude(db.list(
                    "SELECT DISTINCT CAST(d.day AS VARCHAR) FROM (" + grouped
                            + " HAVING count(*) > 1) g ASOF JOIN days d ON g.event >= d.starts" + " ORDER BY 1",
                    row -> new ExcludedDay(
                            row.getString(1),
                            rule.target() + " unique",
                            rule.target() + ": a key occurs more than once")));
        }
        return constraint(
                "unique",
                "key " + String.join(", ", table.source().key()) + " occurs once",
                counts[0],
                counts[1],
                examples);
    }

    /** Whole local days inside the range, days without any row included. */
    private Constraint minRows(long least) {
        String where = SourceValidator.rows(table, from, to, asOf);
        String events = "SELECT " + table.eventMillis() + " AS event FROM " + table.scan() + " WHERE " + where;
        String daily = "SELECT d.day, count(*) AS n FROM (" + events
                + ") e ASOF JOIN days d ON e.event >= d.starts GROUP BY d.day";
        String whole = "SELECT d.day FROM days d JOIN days e ON e.day = d.day + 1 WHERE d.starts >= greatest(" + from
                + ", (SELECT min(event) FROM (" + events + ") f) - 86399999) AND e.starts <= " + to;
        Map<String, Long> days = new LinkedHashMap<>();
        db.list(
                "SELECT CAST(w.day AS VARCHAR), coalesce(n.n, 0) FROM (" + whole + ") w LEFT JOIN (" + daily
                        + ") n ON n.day = w.day ORDER BY 1",
                row -> days.put(row.getString(1), row.getLong(2)));
        List<Example> examples = new ArrayList<>();
        List<ExcludedDay> few = new ArrayList<>();
        days.forEach((day, rows) -> {
            if (rows < least) {
                examples.add(new Example(Map.of("day", day), rows + " rows"));
                few.add(new ExcludedDay(
                        day,
                        rule.target() + " min-rows",
                        rule.target() + ": " + rows + " rows, at least " + least + " expected"));
            }
        });
        exclude(few);
        return constraint("min-rows", "at least " + least + " rows a day", days.size(), few.size(), examples);
    }

    /** At each time at which a prediction was due: how old was the newest row that was known? */
    private Constraint fresh(long within, String predictions) {
        Source.KnownAt every = table.source().knownAt().get(Source.EVERY_COLUMN);
        String known = every == null
                ? table.eventMillis()
                : String.valueOf(table.known(table.source().eventTime()));
        String ages = "SELECT p.t, p.event, p.t - k.known AS age FROM (" + predictions
                + ") p ASOF LEFT JOIN (SELECT DISTINCT " + known + " AS known FROM " + table.scan() + " WHERE " + known
                + " IS NOT NULL) k ON p.t >= k.known";
        db.execute("CREATE OR REPLACE TEMP TABLE ages AS SELECT a.*, d.day FROM (" + ages
                + ") a ASOF JOIN days d ON a.event >= d.starts");
        String stale = "coalesce(age > " + within + ", true)";
        long[] counts = db.one("SELECT count(*), count(*) FILTER (" + stale + ") FROM ages", row ->
                new long[] {row.getLong(1), row.getLong(2)});
        List<Example> examples = new ArrayList<>();
        List<ExcludedDay> days = db.list(
                "SELECT CAST(day AS VARCHAR), count(*) FILTER (" + stale
                        + ") AS stale, count(*), max(age), min(t) FILTER (" + stale
                        + ") FROM ages GROUP BY day HAVING stale > 0 ORDER BY day",
                row -> {
                    String worst =
                            row.getObject(4) == null ? "none was ever known" : hours(row.getLong(4)) + " old at worst";
                    String reason = rule.target() + ": newest row " + worst + ", at most " + hours(within)
                            + " allowed; " + row.getLong(2) + " of " + row.getLong(3) + " predictions concerned";
                    examples.add(new Example(Map.of("day", row.getString(1)), worst));
                    return new ExcludedDay(row.getString(1), rule.target() + " fresh-within", reason);
                });
        exclude(days);
        return constraint(
                "fresh-within",
                "newest row at most " + hours(within) + " old at prediction time",
                counts[0],
                counts[1],
                examples);
    }

    private void exclude(List<ExcludedDay> days) {
        if (rule.onBreach() == OnBreach.excludeDay) {
            excluded.addAll(days);
        }
    }

    private Constraint constraint(String name, String expected, long checked, long failed, List<Example> examples) {
        Status status = checked == 0 ? Status.NOT_APPLICABLE : failed == 0 ? Status.PASS : Status.FAIL;
        return new Constraint(
                rule.target(),
                name,
                expected,
                status,
                checked,
                failed,
                checked == 0 ? 0 : (double) failed / checked,
                Stream.of(examples)
                        .flatMap(List::stream)
                        .limit(ValidationReport.EXAMPLES_MAX)
                        .toList(),
                rule.onBreach());
    }

    private static String hours(long millis) {
        return String.format(Locale.ROOT, "%.1f h", millis / MILLIS_PER_HOUR);
    }
}
