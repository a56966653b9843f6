package dev.perennial.worker.data;

import dev.perennial.lifecycle.file.ContractRule;
import dev.perennial.lifecycle.file.ContractRule.OnBreach;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The contract's rules on single rows as SQL conditions. */
final class RowRules {
    private RowRules() {}

    /** True for a row in breach of the rule's bounds, list or presence; never null. A null value breaches {@code required} only. */
    static String breach(SourceTable table, ContractRule rule) {
        String column = rule.column();
        if (column == null) {
            return "false";
        }
        List<String> conditions = new ArrayList<>();
        if (rule.required()) {
            conditions.add(Sql.name(column) + " IS NULL");
        }
        if (rule.min() != null) {
            conditions.add(table.value(column) + " < " + Sql.number(rule.min()));
        }
        if (rule.max() != null) {
            conditions.add(table.value(column) + " > " + Sql.number(rule.max()));
        }
        if (rule.oneOf() != null) {
            conditions.add("CAST(" + Sql.name(column) + " AS VARCHAR) NOT IN ("
                    + rule.oneOf().stream().map(Sql::text).collect(Collectors.joining(", ")) + ")");
        }
        return conditions.isEmpty() ? "false" : "coalesce(" + String.join(" OR ", conditions) + ", false)";
    }

    /** The rules that set rows of a source aside. */
    static List<ContractRule> quarantine(List<ContractRule> contract, String source) {
        return contract.stream()
                .filter(rule ->
                        rule.source().equals(source) && rule.column() != null && rule.onBreach() == OnBreach.quarantine)
                .toList();
    }

    /** True for a row that is not set aside, whenever its bad value became known. */
    static String sound(SourceTable table, List<ContractRule> contract) {
        return quarantine(contract, table.name()).stream()
                .map(rule -> "NOT " + breach(table, rule))
                .collect(Collectors.joining(" AND ", "(true AND ", ")"))
                .replace("(true AND )", "true");
    }

    /**
     * True for a row that is a candidate at the time when {@code column} becomes known: a bad value that becomes known later says nothing
     * yet.
     */
    static String soundWhenKnown(SourceTable table, List<ContractRule> contract, String column) {
        String known = table.known(column);
        List<String> conditions = new ArrayList<>();
        for (ContractRule rule : quarantine(contract, table.name())) {
            String ruled = rule.column();
            if (ruled == null || !declared(table, ruled)) {
                continue;
            }
            String ruledKnown = table.known(ruled);
            String breach = breach(table, rule);
            conditions.add(
                    ruledKnown == null || ruledKnown.equals(known)
                            ? "NOT " + breach
                            : "NOT (" + breach + " AND coalesce(" + ruledKnown + " <= " + known + ", false))");
        }
        return conditions.isEmpty() ? "true" : String.join(" AND ", conditions);
    }

    private static boolean declared(SourceTable table, @Nullable String column) {
        return column != null
                && (table.source().knownAhead().contains(column)
                        || table.source().knownAtOf(column) != null);
    }
}
