package dev.perennial.tracking.search;

import dev.perennial.kernel.PerennialException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Conditions that searches for models and for versions share. The tag that makes a model a prompt is special: a search that does not speak
 * of it finds no prompts, and asking for it not to be true finds those without the tag too.
 */
final class RegistryClauses {
    private static final String PROMPT = "mlflow.prompt.is_prompt";
    private static final Set<String> TAGS = Set.of("tag", "tags");
    private static final Set<String> ATTRIBUTES = Set.of("attribute", "attributes");

    private final SqlText sql;
    private final String tagged;

    /**
     * @param tagged a beginning of a subquery that finds the tags {@code t} of the row, up to further conditions
     */
    RegistryClauses(SqlText sql, String tagged) {
        this.sql = sql;
        this.tagged = tagged;
    }

    /** How a search makes a condition of an attribute. */
    interface Attribute {
        String condition(Clause clause, String name);
    }

    /** The conditions of a filter, and what keeps replays, prompts and foreign projects out. */
    List<String> conditions(List<Clause> clauses, List<String> projects, Attribute attribute) {
        List<String> conditions = new ArrayList<>();
        conditions.add("m.replayed = 0");
        conditions.add(projects.isEmpty() ? "1 = 0" : sql.oneOf("m.project", false, projects));
        if (clauses.stream().noneMatch(RegistryClauses::ofPrompts)) {
            conditions.add("not " + prompt());
        }
        clauses.forEach(clause -> conditions.add(condition(clause, attribute)));
        return conditions;
    }

    private static boolean ofPrompts(Clause clause) {
        return isTag(clause.key()) && clause.key().name().equals(PROMPT);
    }

    private static boolean isTag(Clause.Key key) {
        return key.entity() != null && TAGS.contains(key.entity());
    }

    private String prompt() {
        return "exists (" + tagged + " and t.key = " + sql.bind(PROMPT) + " and lower(t.value) = 'true')";
    }

    private String condition(Clause clause, Attribute attribute) {
        Clause.Key key = clause.key();
        if (isTag(key)) {
            return tag(clause);
        }
        if (key.entity() != null && !ATTRIBUTES.contains(key.entity())) {
            throw PerennialException.invalid(
                    "filter", "Invalid entity type '" + key.entity() + "' in filter: expected attributes or tags");
        }
        return attribute.condition(clause, key.name());
    }

    private String tag(Clause clause) {
        if (ofPrompts(clause) && clause instanceof Clause.WithText text) {
            boolean isTrue = text.value().equalsIgnoreCase("true");
            if (text.operator() == Operator.NOT_EQUAL && isTrue || text.operator() == Operator.EQUAL && !isTrue) {
                return "not " + prompt();
            }
        }
        String pair = "exists (" + tagged + " and t.key = " + sql.bind(clause.key().name());
        return clause instanceof Clause.Missing missing
                ? (missing.negated() ? "" : "not ") + pair + ")"
                : pair + " and " + text(clause, "t.value") + ")";
    }

    String text(Clause clause, String expression) {
        return switch (clause) {
            case Clause.WithText text
            when text.operator().ofText() -> sql.text(expression, text.operator(), text.value());
            case Clause.OneOf list -> sql.oneOf(expression, list.negated(), list.values());
            default -> throw refused(clause, "it compares with a quoted text by one of = != LIKE ILIKE IN");
        };
    }

    String number(Clause clause, String expression) {
        if (clause instanceof Clause.WithNumber number && number.value() instanceof Long value) {
            return expression + " " + number.operator().sql() + " " + sql.bind(value);
        }
        throw refused(clause, "it compares with a whole number, without quotes, by one of = != > >= < <=");
    }

    static PerennialException refused(Clause clause, String why) {
        return PerennialException.invalid("filter", "Invalid filter clause on '" + clause.key() + "': " + why);
    }

    static PerennialException unknown(String field, String name, String expected) {
        return PerennialException.invalid(
                field, "Invalid attribute key '" + name + "' in " + field + ": expected " + expected);
    }

    /** The attribute that an order names. */
    static String ordered(OrderItem item) {
        String entity = item.key().entity();
        if (entity != null && !ATTRIBUTES.contains(entity)) {
            throw PerennialException.invalid(
                    "order_by", "the registry cannot be ordered by '" + item.key() + "': use an attribute");
        }
        return item.key().name();
    }

    /** The columns, without those that stand further left already. */
    static List<SortColumn> distinct(List<SortColumn> columns) {
        List<SortColumn> kept = new ArrayList<>();
        for (SortColumn column : columns) {
            if (kept.stream().noneMatch(other -> other.expression().equals(column.expression()))) {
                kept.add(column);
            }
        }
        return kept;
    }
}
