package dev.perennial.worker.data;

import dev.perennial.data.ValidationReport;
import dev.perennial.data.ValidationReport.Constraint;
import dev.perennial.data.ValidationReport.Example;
import dev.perennial.data.ValidationReport.ExcludedDay;
import dev.perennial.data.ValidationReport.Quarantined;
import dev.perennial.data.ValidationReport.Status;
import dev.perennial.lifecycle.file.ContractRule;
import dev.perennial.lifecycle.file.ContractRule.OnBreach;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Checks the column rules of one source in one pass: counts for each rule and local day. Rows in breach are read again only for rules that
 * failed. The table {@code days} of local days must be there.
 */
final class SourceValidator {
    private final DuckDb db;
    private final SourceTable table;
    private final List<ContractCheck> checks;
    private final String rows;

    /** Counts of one check, with the rows in breach by day. */
    static final class Tally {
        long checked;
        long failed;
        final TreeMap<String, Long> byDay = new TreeMap<>();
    }

    SourceValidator(
            DuckDb db,
            SourceTable table,
            List<ContractRule> contract,
            long from,
            long to,
            long asOf,
            Map<String, ? extends Collection<String>> knownValues) {
        this.db = db;
        this.table = table;
        this.checks = contract.stream()
                .filter(rule -> rule.source().equals(table.name()))
                .flatMap(rule -> ContractCheck.of(table, rule, asOf, knownValues).stream())
                .toList();
        this.rows = rows(table, from, to, asOf);
    }

    /** Rows of a source whose event lies in the range and that were known by the clock. */
    static String rows(SourceTable table, long from, long to, long asOf) {
        String event = table.eventMillis();
        String known = table.source().knownAt().containsKey(dev.perennial.lifecycle.file.Source.EVERY_COLUMN)
                ? " AND " + ContractCheck.visible(table, table.source().eventTime(), asOf)
                : "";
        return event + " >= " + from + " AND " + event + " < " + to + known;
    }

    /** Results by check, in the order of the contract. */
    Map<ContractCheck, Constraint> constraints(List<Quarantined> quarantined, List<ExcludedDay> excluded) {
        Map<ContractCheck, Tally> tallies = count();
        Map<ContractCheck, Constraint> results = new LinkedHashMap<>();
        tallies.forEach((check, tally) -> {
            double share = tally.checked == 0 ? 0 : (double) tally.failed / tally.checked;
            Status status = check.checked() == null || tally.checked == 0
                    ? Status.NOT_APPLICABLE
                    : tally.failed == 0 || share <= check.tolerated() ? Status.PASS : Status.FAIL;
            List<Example> examples = status == Status.FAIL ? examples(check, ValidationReport.EXAMPLES_MAX) : List.of();
            OnBreach onBreach = check.rule().onBreach();
            results.put(
                    check,
                    new Constraint(
                            check.rule().target(),
                            check.name(),
                            check.expected(),
                            status,
                            tally.checked,
                            tally.failed,
                            share,
                            examples,
                            onBreach));
            if (status == Status.FAIL && onBreach == OnBreach.quarantine) {
                examples(check, ValidationReport.QUARANTINED_MAX)
                        .forEach(example -> quarantined.add(new Quarantined(
                                table.name(),
                                example.key(),
                                String.valueOf(check.rule().column()),
                                example.value(),
                                check.rule().target() + " " + check.expected())));
            }
            if (status == Status.FAIL && onBreach == OnBreach.excludeDay) {
                tally.byDay.forEach((day, failed) -> excluded.add(new ExcludedDay(
                        day,
                        check.rule().target() + " " + check.name(),
                        check.rule().target() + " " + check.expected() + ": " + failed + " rows in breach")));
            }
        });
        return results;
    }

    private Map<ContractCheck, Tally> count() {
        Map<ContractCheck, Tally> tallies = new LinkedHashMap<>();
        List<String> select = new ArrayList<>();
        for (ContractCheck check : checks) {
            tallies.put(check, new Tally());
            String checked = check.checked() == null ? "false" : check.checked();
            select.add("count(*) FILTER (" + checked + ")");
            select.add("count(*) FILTER (" + checked + " AND " + check.failed() + ")");
        }
        if (checks.isEmpty()) {
            return tallies;
        }
        db.list(
                "SELECT CAST(d.day AS VARCHAR), " + String.join(", ", select) + " FROM (SELECT *, "
                        + table.eventMillis()
                        + " AS " + Sql.name(" event") + " FROM " + table.scan() + " WHERE " + rows
                        + ") r ASOF LEFT JOIN days d ON r."
                        + Sql.name(" event") + " >= d.starts GROUP BY d.day ORDER BY d.day",
                row -> add(row, tallies));
        return tallies;
    }

    private static boolean add(ResultSet row, Map<ContractCheck, Tally> tallies) throws SQLException {
        String day = row.getString(1);
        int position = 2;
        for (Tally tally : tallies.values()) {
            tally.checked += row.getLong(position++);
            long failed = row.getLong(position++);
            tally.failed += failed;
            if (failed > 0 && day != null) {
                tally.byDay.put(day, failed);
            }
        }
        return true;
    }

    private List<Example> examples(ContractCheck check, int most) {
        String keys = keys(table);
        String order =
                String.join(", ", table.source().key().stream().map(Sql::name).toList());
        String column = Sql.name(String.valueOf(check.rule().column()));
        return db.list(
                "SELECT CAST(" + column + " AS VARCHAR), " + keys + " FROM " + table.scan() + " WHERE " + rows + " AND "
                        + check.checked() + " AND " + check.failed() + " ORDER BY " + table.eventMillis() + ", " + order
                        + " LIMIT " + most,
                row -> new Example(key(table, row, 2), row.getString(1)));
    }

    /** The key columns as text; times in UTC. */
    static String keys(SourceTable table) {
        return String.join(
                ", ",
                table.source().key().stream()
                        .map(column -> "CAST(" + Sql.name(column) + " AS VARCHAR)")
                        .toList());
    }

    static Map<String, String> key(SourceTable table, ResultSet row, int first) throws SQLException {
        Map<String, String> key = new LinkedHashMap<>();
        int position = first;
        for (String column : table.source().key()) {
            key.put(column, String.valueOf(row.getString(position++)));
        }
        return key;
    }
}
