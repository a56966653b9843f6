package dev.perennial.worker.data;

import dev.perennial.data.ColumnType;
import dev.perennial.lifecycle.file.ContractRule;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One check of one value: which rows it looks at and which of them are in breach, as SQL conditions that are never null.
 *
 * @param rule the contract line it comes from
 * @param name {@code type, required, max-missing, min, max, one-of, known-values}
 * @param expected in words
 * @param checked rows it looks at; null when there is nothing to check against
 * @param failed those in breach
 * @param tolerated share of the rows that may be in breach
 */
record ContractCheck(
        ContractRule rule,
        String name,
        String expected,
        @Nullable String checked,
        String failed,
        double tolerated) {

    /** The checks of a contract line on a column. */
    static List<ContractCheck> of(
            SourceTable table, ContractRule rule, long asOf, Map<String, ? extends Collection<String>> knownValues) {
        String column = rule.column();
        if (column == null) {
            return List.of();
        }
        ColumnType type = table.require(column, "contract " + rule.target());
        String there = Sql.name(column) + " IS NOT NULL";
        String visible = visible(table, column, asOf);
        List<ContractCheck> checks = new ArrayList<>();
        if (rule.type() != null) {
            checks.add(new ContractCheck(
                    rule, "type", "type " + rule.type(), visible, type.satisfies(rule.type()) ? "false" : there, 0));
        }
        if (rule.required()) {
            checks.add(new ContractCheck(rule, "required", "present", visible, "NOT (" + there + ")", 0));
        }
        if (rule.maxMissingShare() != null) {
            checks.add(new ContractCheck(
                    rule,
                    "max-missing",
                    "at most " + percent(rule.maxMissingShare()) + " missing",
                    visible,
                    "NOT (" + there + ")",
                    rule.maxMissingShare()));
        }
        String present = visible + " AND " + there;
        bound(checks, table, rule, type, present, rule.min(), "min", "at least ", " < ");
        bound(checks, table, rule, type, present, rule.max(), "max", "at most ", " > ");
        if (rule.oneOf() != null) {
            checks.add(
                    values(rule, "one-of", "one of " + String.join(", ", rule.oneOf()), present, column, rule.oneOf()));
        }
        if (rule.knownValues()) {
            Collection<String> known = knownValues.get(rule.target());
            checks.add(
                    known == null
                            ? new ContractCheck(rule, "known-values", "a value of the reference", null, "false", 0)
                            : values(rule, "known-values", "a value of the reference", present, column, known));
        }
        return checks;
    }

    private static void bound(
            List<ContractCheck> checks,
            SourceTable table,
            ContractRule rule,
            ColumnType type,
            String present,
            @Nullable Double bound,
            String name,
            String words,
            String comparison) {
        if (bound != null && rule.column() != null) {
            checks.add(
                    type.numeric()
                            ? new ContractCheck(
                                    rule,
                                    name,
                                    words + number(bound),
                                    present,
                                    "coalesce(" + table.value(rule.column()) + comparison + Sql.number(bound)
                                            + ", false)",
                                    0)
                            : new ContractCheck(rule, name, words + number(bound), null, "false", 0));
        }
    }

    private static ContractCheck values(
            ContractRule rule, String name, String expected, String present, String column, Collection<String> values) {
        String list = values.stream().map(Sql::text).collect(Collectors.joining(", "));
        String failed = values.isEmpty()
                ? "true"
                : "coalesce(CAST(" + Sql.name(column) + " AS VARCHAR) NOT IN (" + list + "), false)";
        return new ContractCheck(rule, name, expected, present, failed, 0);
    }

    /** Whether a row's value was known by the clock; columns without a declaration are looked at as they are. */
    static String visible(SourceTable table, String column, long asOf) {
        boolean declared =
                !table.source().knownAhead().contains(column) && table.source().knownAtOf(column) != null;
        return declared ? "coalesce(" + table.known(column) + " <= " + asOf + ", false)" : "true";
    }

    static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? String.valueOf((long) value)
                : String.valueOf(value);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.3g %%", share * 100);
    }
}
