package dev.perennial.tracking.search;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a filter: clauses joined by AND, each {@code key operator value}, {@code key [NOT] IN ('a', 'b')} or {@code key IS [NOT] NULL}.
 * There is no OR and there are no parentheses around clauses.
 */
final class FilterParser {
    private static final int CLAUSES_MAX = 100;
    private static final int LIST_MAX = 1000;

    private final Tokens tokens;

    private FilterParser(String filter) {
        this.tokens = new Tokens("filter", filter);
    }

    /** The clauses of a filter; none for an absent or blank one. */
    static List<Clause> parse(@Nullable String filter) {
        return filter == null || filter.isBlank() ? List.of() : new FilterParser(filter).clauses();
    }

    private List<Clause> clauses() {
        List<Clause> clauses = new ArrayList<>();
        do {
            clauses.add(clause());
            if (clauses.size() > CLAUSES_MAX) {
                throw tokens.failure("a filter may have at most " + CLAUSES_MAX + " clauses");
            }
        } while (tokens.word("AND"));
        if (!tokens.atEnd()) {
            throw tokens.failure("expected AND or the end; OR, parentheses and several statements are not supported");
        }
        return clauses;
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
            throw tokens.failure("expected NULL or NOT NULL behind IS");
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
