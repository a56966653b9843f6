package dev.perennial.tracking.search;

import dev.perennial.kernel.PerennialException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the parts of a filter or order text from left to right; every failure names the text and the place. */
final class Tokens {
    private static final Pattern SPACE = Pattern.compile("\\s*");
    private static final Pattern BARE = Pattern.compile("[\\w.]+", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern WORD = Pattern.compile("[A-Za-z]+(?![\\w.])");
    private static final Pattern SYMBOL = Pattern.compile(">=|<=|!=|=|>|<");
    private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?(?![\\w.])");

    private final String field;
    private final String text;
    private int at;

    Tokens(String field, String text) {
        this.field = field;
        this.text = text;
        skipSpace();
    }

    boolean atEnd() {
        return at == text.length();
    }

    /** {@code [entity.]name}; the name may be quoted. */
    Clause.Key key() {
        Place place = place();
        if (quoteAhead('`') || quoteAhead('"')) {
            return new Clause.Key(null, quoted(), place);
        }
        String bare = match(BARE);
        if (bare == null) {
            throw failure("expected a key such as metrics.accuracy, params.`learning rate` or attributes.status");
        }
        int dot = bare.indexOf('.');
        if (dot < 0) {
            skipSpace();
            return new Clause.Key(null, bare, place);
        }
        String entity = bare.substring(0, dot);
        String name = bare.substring(dot + 1);
        if (name.isEmpty() && (quoteAhead('`') || quoteAhead('"'))) {
            name = quoted();
        }
        if (name.isEmpty() || entity.isEmpty()) {
            throw failure("expected a name behind '" + entity + ".'");
        }
        skipSpace();
        return new Clause.Key(entity, name, place);
    }

    /** Takes the word when it stands here, in any case of letters. */
    boolean word(String word) {
        Matcher matcher = matcher(WORD);
        if (matcher.lookingAt() && matcher.group().equalsIgnoreCase(word)) {
            at = matcher.end();
            skipSpace();
            return true;
        }
        return false;
    }

    /** The word that stands here, upper case, without taking it; empty when there is none. */
    String peekWord() {
        Matcher matcher = matcher(WORD);
        return matcher.lookingAt() ? matcher.group().toUpperCase(Locale.ROOT) : "";
    }

    Operator symbol() {
        String symbol = match(SYMBOL);
        if (symbol == null) {
            throw failure("expected one of = != > >= < <= LIKE ILIKE IN IS");
        }
        skipSpace();
        for (Operator operator : Operator.values()) {
            if (operator.text().equals(symbol)) {
                return operator;
            }
        }
        throw failure("unknown operator '" + symbol + "'");
    }

    boolean textAhead() {
        return quoteAhead('\'') || quoteAhead('"');
    }

    String quoted() {
        char quote = text.charAt(at);
        int end = text.indexOf(quote, at + 1);
        if (end < 0) {
            throw failure("the quote " + quote + " is not closed");
        }
        String value = text.substring(at + 1, end);
        at = end + 1;
        skipSpace();
        return value;
    }

    Number number() {
        String number = match(NUMBER);
        if (number == null) {
            throw failure("expected a quoted text or a number without quotes");
        }
        skipSpace();
        try {
            return Long.valueOf(number);
        } catch (NumberFormatException e) {
            return Double.valueOf(number);
        }
    }

    boolean peek(char symbol) {
        return quoteAhead(symbol);
    }

    boolean symbol(char symbol) {
        if (quoteAhead(symbol)) {
            at++;
            skipSpace();
            return true;
        }
        return false;
    }

    PerennialException failure(String why) {
        return place().failure(why);
    }

    private Place place() {
        return new Place(field, text, at);
    }

    private boolean quoteAhead(char quote) {
        return at < text.length() && text.charAt(at) == quote;
    }

    private @Nullable String match(Pattern pattern) {
        Matcher matcher = matcher(pattern);
        if (!matcher.lookingAt()) {
            return null;
        }
        at = matcher.end();
        return matcher.group();
    }

    private Matcher matcher(Pattern pattern) {
        return pattern.matcher(text).region(at, text.length()).useTransparentBounds(true);
    }

    private void skipSpace() {
        Matcher matcher = matcher(SPACE);
        if (matcher.lookingAt()) {
            at = matcher.end();
        }
    }
}
