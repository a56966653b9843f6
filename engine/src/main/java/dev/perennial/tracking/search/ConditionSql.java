package dev.perennial.tracking.search;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Makes one SQL condition of a tree; what a clause means says the kind of thing that is searched. */
public final class ConditionSql {
    private ConditionSql() {}

    /**
     * @param clause the SQL of one clause, which may be NULL where it is false
     */
    public static String of(Condition condition, Function<Clause, String> clause) {
        return switch (condition) {
            case Condition.And(List<Condition> parts) -> parts.isEmpty() ? "1 = 1" : joined(" and ", parts, clause);
            case Condition.Or(List<Condition> parts) -> joined(" or ", parts, clause);
            // Not plain NOT: of a comparison with NULL it would be NULL, and the row would be found by neither.
            case Condition.Not(Condition part) -> "((" + of(part, clause) + ") is not true)";
            case Clause leaf -> clause.apply(leaf);
        };
    }

    private static String joined(String word, List<Condition> parts, Function<Clause, String> clause) {
        return parts.stream().map(part -> of(part, clause)).collect(Collectors.joining(word, "(", ")"));
    }
}
