package dev.perennial.tracking;

import dev.perennial.tracking.search.Clause;
import dev.perennial.tracking.search.Condition;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A run in memory, and whether a condition finds it: the meaning of filters, written as plainly as possible. */
record FilterRow(
        Map<String, String> texts,
        Map<String, Long> times,
        Map<String, String> params,
        Map<String, String> tags,
        Map<String, Double> metrics) {

    boolean isFoundBy(Condition condition) {
        return switch (condition) {
            case Condition.And and -> and.parts().stream().allMatch(this::isFoundBy);
            case Condition.Or or -> or.parts().stream().anyMatch(this::isFoundBy);
            case Condition.Not not -> !isFoundBy(not.part());
            case Clause clause -> holds(clause);
        };
    }

    private boolean holds(Clause clause) {
        String name = clause.key().name();
        return switch (clause) {
            case Clause.WithNumber number -> {
                Map<String, ? extends Number> numbers = clause.key().entity() == null ? times : metrics;
                Number value = numbers.get(name);
                yield value != null && compares(number, value.doubleValue());
            }
            case Clause.WithText text -> text(clause) != null && compares(text, text(clause));
            case Clause.OneOf list ->
                text(clause) != null && list.negated() != list.values().contains(text(clause));
            case Clause.Missing missing -> (text(clause) == null) != missing.negated();
        };
    }

    private @Nullable String text(Clause clause) {
        String entity = clause.key().entity();
        Map<String, String> from = entity == null ? texts : entity.equals("params") ? params : tags;
        return from.get(clause.key().name());
    }

    private static boolean compares(Clause.WithNumber clause, double value) {
        double other = clause.value().doubleValue();
        return switch (clause.operator()) {
            case EQUAL -> value == other;
            case NOT_EQUAL -> value != other;
            case GREATER -> value > other;
            case GREATER_OR_EQUAL -> value >= other;
            case LESS -> value < other;
            case LESS_OR_EQUAL -> value <= other;
            case LIKE, ILIKE -> throw new IllegalArgumentException(clause.toString());
        };
    }

    private static boolean compares(Clause.WithText clause, String value) {
        return switch (clause.operator()) {
            case EQUAL -> value.equals(clause.value());
            case NOT_EQUAL -> !value.equals(clause.value());
            case LIKE -> fits(clause.value(), value);
            case ILIKE -> fits(clause.value().toLowerCase(Locale.ROOT), value.toLowerCase(Locale.ROOT));
            default -> throw new IllegalArgumentException(clause.operator().text());
        };
    }

    /** Whether a text fits a pattern of LIKE: {@code %} is any run of characters, {@code _} is one. */
    private static boolean fits(String pattern, String text) {
        if (pattern.isEmpty()) {
            return text.isEmpty();
        }
        if (pattern.charAt(0) == '%') {
            return fits(pattern.substring(1), text) || (!text.isEmpty() && fits(pattern, text.substring(1)));
        }
        return !text.isEmpty()
                && (pattern.charAt(0) == '_' || pattern.charAt(0) == text.charAt(0))
                && fits(pattern.substring(1), text.substring(1));
    }
}
