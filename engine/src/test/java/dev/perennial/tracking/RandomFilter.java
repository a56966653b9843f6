package dev.perennial.tracking;

import dev.perennial.tracking.search.Clause;
import dev.perennial.tracking.search.Condition;
import dev.perennial.tracking.search.Operator;
import dev.perennial.tracking.search.Place;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Conditions at random over the keys of {@link FilterRow}, and their text as a user would write it. */
final class RandomFilter {
    private static final List<String> TEXTS = List.of("", "a", "A", "ab", "a%b", "a_b", "*", "[a]", "b\\", "it's");
    private static final List<String> PATTERNS = List.of("%", "a%", "A_", "%b", "a%b", "_", "*", "[a]", "%\\", "it's");
    private static final List<Number> NUMBERS = List.of(0L, 1L, 2L, -1L, 0.5, 1.5, 1e300);
    private static final List<String> PAIRS = List.of("params.p", "params.q", "tags.t", "tags.`u v`");
    private static final List<String> ATTRIBUTES = List.of("run_name", "user_id", "status");
    private static final List<String> METRICS = List.of("metrics.m", "metrics.n");
    private static final List<String> TIMES = List.of("start_time", "end_time");
    private static final int DEPTH = 4;

    private final Random random;

    RandomFilter(long seed) {
        this.random = new Random(seed);
    }

    Condition next() {
        return condition(DEPTH);
    }

    String text() {
        return TEXTS.get(random.nextInt(TEXTS.size()));
    }

    double number() {
        return pick(NUMBERS).doubleValue();
    }

    boolean chance() {
        return random.nextBoolean();
    }

    private <T> T pick(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    private Condition condition(int depth) {
        return switch (depth == 0 ? 0 : random.nextInt(5)) {
            case 1 -> new Condition.And(parts(depth));
            case 2 -> new Condition.Or(parts(depth));
            case 3 -> new Condition.Not(condition(depth - 1));
            default -> clause();
        };
    }

    private List<Condition> parts(int depth) {
        return IntStream.range(0, 2 + random.nextInt(2))
                .mapToObj(i -> condition(depth - 1))
                .toList();
    }

    private Clause clause() {
        return switch (random.nextInt(4)) {
            case 0 -> new Clause.WithNumber(key(pick(METRICS)), comparison(), pick(NUMBERS));
            case 1 -> new Clause.WithNumber(key(pick(TIMES)), comparison(), pick(NUMBERS));
            case 2 -> chance() ? new Clause.Missing(key(pick(PAIRS)), chance()) : onText(key(pick(PAIRS)));
            default -> onText(key(pick(ATTRIBUTES)));
        };
    }

    private Clause onText(Clause.Key key) {
        return switch (random.nextInt(5)) {
            case 0 -> new Clause.WithText(key, Operator.EQUAL, text());
            case 1 -> new Clause.WithText(key, Operator.NOT_EQUAL, text());
            case 2 -> new Clause.WithText(key, Operator.LIKE, pick(PATTERNS));
            case 3 -> new Clause.WithText(key, Operator.ILIKE, pick(PATTERNS));
            default -> new Clause.OneOf(key, chance(), List.of(text(), text()));
        };
    }

    private Operator comparison() {
        return pick(List.of(Operator.values()).subList(0, 6));
    }

    private static Clause.Key key(String spelled) {
        int dot = spelled.indexOf('.');
        String name = spelled.substring(dot + 1).replace("`", "");
        return new Clause.Key(dot < 0 ? null : spelled.substring(0, dot), name, new Place("filter", "", 0));
    }

    /** The text of a condition, with no more parentheses than it needs, or with more. */
    String written(Condition condition) {
        return switch (condition) {
            case Condition.And(List<Condition> parts) -> joined(" AND ", parts, Condition.Or.class);
            case Condition.Or(List<Condition> parts) -> joined(" or ", parts, Void.class);
            case Condition.Not(Condition part) ->
                part instanceof Clause || part instanceof Condition.Not
                        ? "NOT " + written(part)
                        : "not (" + written(part) + ")";
            case Clause clause -> chance() ? written(clause) : "(" + written(clause) + ")";
        };
    }

    private String joined(String word, List<Condition> parts, Class<?> looser) {
        return parts.stream()
                .map(part -> looser.isInstance(part) ? "(" + written(part) + ")" : written(part))
                .collect(Collectors.joining(word));
    }

    private static String written(Clause clause) {
        String key = clause.key().name().contains(" ")
                ? clause.key().entity() + ".`" + clause.key().name() + "`"
                : clause.key().toString();
        return switch (clause) {
            case Clause.WithText text -> key + " " + text.operator().text() + " " + quoted(text.value());
            case Clause.WithNumber number -> key + number.operator().text() + number.value();
            case Clause.OneOf list ->
                key + (list.negated() ? " NOT IN (" : " IN (")
                        + list.values().stream().map(RandomFilter::quoted).collect(Collectors.joining(",")) + ")";
            case Clause.Missing missing -> key + (missing.negated() ? " IS NOT NULL" : " IS NULL");
        };
    }

    private static String quoted(String value) {
        return value.contains("'") ? '"' + value + '"' : "'" + value + "'";
    }
}
