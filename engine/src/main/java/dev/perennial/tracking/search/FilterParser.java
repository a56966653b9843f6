package dev.perennial.tracking.search;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a filter: clauses {@code key operator value}, {@code key [NOT] IN ('a', 'b')} or {@code key IS [NOT] NULL}, joined by AND and OR,
 * with NOT and parentheses. NOT binds closest, then AND, then OR.
 */
public final class FilterParser {
    /** How deep parentheses and NOT may stand in one another. */
    public static final int DEPTH_MAX = 8;

    public static final int CLAUSES_MAX = 100;
    private static final int LIST_MAX = 1000;

    private final Tokens tokens;
    private int clauses;

    private FilterParser(String filter) {
        this.tokens = new Tokens("filter", filter);
    }

    /** The condition of a filter; an absent or blank one holds for everything. */
    public static Condition parse(@Nullable String filter) {
        return filter == null || filter.isBlank() ? new Condition.And(List.of()) : new FilterParser(filter).whole();
    }

    private Condition whole() {
        Condition condition = anyOf(0);
        if (!tokens.atEnd()) {
            throw tokens.failure("expected AND, OR or the end");
        }
        return condition;
    }

    private Condition anyOf(int depth) {
        List<Condition> parts = new ArrayList<>();
        do {
            parts.add(allOf(depth));
        } while (tokens.word("OR"));
        return parts.size() == 1 ? parts.getFirst() : new Condition.Or(parts);
    }

    private Condition allOf(int depth) {
        List<Condition> parts = new ArrayList<>();
        do {
            parts.add(part(depth));
        } while (tokens.word("AND"));
        return parts.size() == 1 ? parts.getFirst() : new Condition.And(parts);
    }

    private Condition part(int depth) {
        if (tokens.peekWord().equals("NOT") || tokens.peek('(')) {
            if (depth == DEPTH_MAX) {
                throw tokens.failure("parentheses and NOT may stand at most " + DEPTH_MAX + " deep in one another");
            }
            return tokens.word("NOT") ? new Condition.Not(part(depth + 1)) : inParentheses(depth + 1);
        }
        if (clauses == CLAUSES_MAX) {
            throw tokens.failure("a filter may have at most " + CLAUSES_MAX + " clauses");
        }
        clauses++;
        return clause();
    }

    private Condition inParentheses(int depth) {
        tokens.symbol('(');
        Condition condition = anyOf(depth);
        if (!tokens.symbol(')')) {
            throw tokens.failure("expected AND, OR or ')'");
        }
        return condition;
    }

    private Clause clause() {
        Clause.Key key = tokens.key();
        return switch (tokens.peekWord()) {
            case "IS" -> missing(key);
            case "IN", "NOT" -> oneOf(key);
            case "LIKE" -> {
                tokens.word("LIKE");
                yield new Clause.WithText(key, Operator.LIKE, text());
            }
            case "ILIKE" -> {
                tokens.word("ILIKE");
                yield new Clause.WithText(key, Operator.ILIKE, text());
            }
            default -> {
                Operator operator = tokens.symbol();
                yield tokens.textAhead()
                        ? new Clause.WithText(key, operator, tokens.quoted())
                        : new Clause.WithNumber(key, operator, tokens.number());
            }
        };
    }

    private Clause missing(Clause.Key key) {
        tokens.word("IS");
        boolean negated = tokens.word("NOT");
        if (!tokens.word("NULL")) {
            throw tokens.failure(negated ? "expected NULL behind IS NOT" : "expected NULL or NOT NULL behind IS");
        }
        return new Clause.Missing(key, negated);
    }

    private Clause oneOf(Clause.Key key) {
        boolean negated = tokens.word("NOT");
        if (!tokens.word("IN") || !tokens.symbol('(')) {
            throw tokens.failure("expected IN ('a', 'b')");
        }
        List<String> values = new ArrayList<>();
        do {
            values.add(text());
            if (values.size() > LIST_MAX) {
                throw tokens.failure("a list may have at most " + LIST_MAX + " values");
            }
        } while (tokens.symbol(','));
        if (!tokens.symbol(')')) {
            throw tokens.failure("expected ',' or ')' in the list");
        }
        return new Clause.OneOf(key, negated, values);
    }

    private String text() {
        if (!tokens.textAhead()) {
            throw tokens.failure("expected a text in quotes");
        }
        return tokens.quoted();
    }
}
