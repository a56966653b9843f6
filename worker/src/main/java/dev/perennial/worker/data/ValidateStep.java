package dev.perennial.worker.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.perennial.data.ValidationReport;
import dev.perennial.data.ValidationReport.Constraint;
import dev.perennial.data.ValidationReport.ExcludedDay;
import dev.perennial.data.ValidationReport.Quarantined;
import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.file.ContractRule;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.worker.StepFailure;
import dev.perennial.worker.StepFailure.Kind;
import dev.perennial.worker.StepHandler;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Checks the sources against the contract: rows whose event lies in [from, to) and that were known by the clock, in one pass for each
 * source.
 *
 * <p>Parameters: {@code lifecycle, asOf}, optional {@code from, to} (default: everything before the clock) and {@code knownValues}, an
 * object of lists by {@code source.column}. Values: {@code report} (a {@link ValidationReport}), {@code excludedDays} (days as text).
 */
public final class ValidateStep implements StepHandler {
    @Override
    public String kind() {
        return "validate";
    }

    @Override
    public StepOutput run(StepInput input) throws java.io.IOException {
        JsonNode parameters = input.parameters();
        LifecycleFile file = StepParameters.lifecycle(parameters);
        long asOf = StepParameters.time(parameters, "asOf");
        long from = StepParameters.time(parameters, "from", Long.MIN_VALUE);
        long to = StepParameters.time(parameters, "to", asOf);
        java.nio.file.Path temporary = input.staging().resolve("tmp");
        try (DuckDb db = DuckDb.open(DuckDb.Settings.in(temporary), SourceTable.realFiles(file), List.of())) {
            ValidationReport report = report(db, file, from, to, asOf, knownValues(parameters));
            ArrayNode days = Json.array();
            Set<String> named = new LinkedHashSet<>();
            report.excludedDays().forEach(day -> named.add(day.day()));
            named.forEach(days::add);
            return new StepOutput(Map.of("report", Json.tree(report), "excludedDays", days), Map.of());
        } finally {
            java.nio.file.Files.deleteIfExists(temporary);
        }
    }

    static ValidationReport report(
            DuckDb db, LifecycleFile file, long from, long to, long asOf, Map<String, List<String>> knownValues) {
        Map<String, SourceTable> tables = new TreeMap<>();
        file.sources().forEach((name, source) -> tables.put(name, SourceTable.open(db, name, source)));
        createDays(db, file, tables, from, to);
        List<Quarantined> quarantined = new ArrayList<>();
        List<ExcludedDay> excluded = new ArrayList<>();
        Map<ContractRule, List<Constraint>> byRule = new LinkedHashMap<>();
        file.contract().forEach(rule -> byRule.put(rule, new ArrayList<>()));
        tables.values()
                .forEach(table -> new SourceValidator(db, table, file.contract(), from, to, asOf, knownValues)
                        .constraints(quarantined, excluded)
                        .forEach((check, constraint) -> byRule.computeIfAbsent(check.rule(), rule -> new ArrayList<>())
                                .add(constraint)));
        SourceTable base = table(tables, file.predict().from(), "predict.from");
        String predictions = "SELECT DISTINCT " + base.eventMillis() + " - "
                + file.predict().aheadMillis() + " AS t, " + base.eventMillis() + " AS event FROM " + base.scan()
                + " WHERE " + SourceValidator.rows(base, from, to, asOf);
        for (ContractRule rule : file.contract()) {
            if (rule.column() == null) {
                SourceTable table = table(tables, rule.source(), "contract");
                byRule.computeIfAbsent(rule, unused -> new ArrayList<>())
                        .addAll(new SourceRules(db, table, rule, from, to, asOf, excluded).check(predictions));
            }
        }
        excluded.sort(java.util.Comparator.comparing(ExcludedDay::day).thenComparing(ExcludedDay::rule));
        return new ValidationReport(
                byRule.values().stream().flatMap(List::stream).toList(), quarantined, excluded);
    }

    private static SourceTable table(Map<String, SourceTable> tables, String name, String where) {
        SourceTable table = tables.get(name);
        if (table == null) {
            throw new StepFailure(
                    Kind.CONFIG,
                    where + " names source '" + name + "', which is not declared; declared are " + tables.keySet());
        }
        return table;
    }

    /** Local days from the first to the last event of any source inside the range. */
    private static void createDays(DuckDb db, LifecycleFile file, Map<String, SourceTable> tables, long from, long to) {
        long first = Long.MAX_VALUE;
        long last = Long.MIN_VALUE;
        for (SourceTable table : tables.values()) {
            String event = table.eventMillis();
            long[] range = db.one(
                    "SELECT coalesce(min(" + event + "), " + Long.MAX_VALUE + "), coalesce(max(" + event
                            + "), -1) FROM " + table.scan() + " WHERE " + event + " >= " + from + " AND " + event
                            + " < " + to,
                    row -> new long[] {row.getLong(1), row.getLong(2)});
            first = Math.min(first, range[0]);
            last = Math.max(last, range[1]);
        }
        boolean empty = first > last;
        LocalCalendar.createDays(db, "days", file.zone(), empty ? 0 : first, empty ? 0 : last);
    }

    private static Map<String, List<String>> knownValues(JsonNode parameters) {
        Map<String, List<String>> result = new LinkedHashMap<>();
        parameters.path("knownValues").properties().forEach(entry -> {
            List<String> values = new ArrayList<>();
            entry.getValue().forEach(value -> values.add(value.asText()));
            result.put(entry.getKey(), values);
        });
        return result;
    }
}
