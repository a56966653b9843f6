package dev.perennial.ledgerverifier;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON without leniency: valid UTF-8, no duplicate keys, no white space at all, nothing behind the value. Objects become maps,
 * arrays lists, texts strings, booleans Booleans; numbers are kept as their text in a {@link Numeral}.
 */
final class StrictJson {
    private static final int DEPTH_MAX = 100;

    private final String text;
    private int at;
    private int depth;

    private StrictJson(String text) {
        this.text = text;
    }

    /** A number as it is written. */
    record Numeral(String text) {}

    static String utf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new Unusable("not valid UTF-8", e);
        }
    }

    static @Nullable Object parse(String text) {
        StrictJson reader = new StrictJson(text);
        Object value = reader.value();
        if (reader.at != text.length()) {
            throw reader.unexpected();
        }
        return value;
    }

    static Map<String, @Nullable Object> object(String text) {
        return asObject(parse(text));
    }

    @SuppressWarnings("unchecked")
    static Map<String, @Nullable Object> asObject(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return (Map<String, @Nullable Object>) map;
        }
        throw new Unusable("a JSON object was expected");
    }

    /** An object of texts. */
    static Map<String, String> texts(@Nullable Object value) {
        Map<String, String> result = new LinkedHashMap<>();
        asObject(value).forEach((key, item) -> {
            if (!(item instanceof String string)) {
                throw new Unusable("the value of '" + key + "' is not a text");
            }
            result.put(key, string);
        });
        return result;
    }

    private @Nullable Object value() {
        if (++depth > DEPTH_MAX) {
            throw new Unusable("JSON nested deeper than " + DEPTH_MAX);
        }
        Object value = switch (peek()) {
            case '{' -> readObject();
            case '[' -> readArray();
            case '"' -> readString();
            case 't' -> literal("true", Boolean.TRUE);
            case 'f' -> literal("false", Boolean.FALSE);
            case 'n' -> literal("null", null);
            default -> number();
        };
        depth--;
        return value;
    }

    private char peek() {
        if (at >= text.length()) {
            throw new Unusable("JSON ends too early");
        }
        return text.charAt(at);
    }

    private Unusable unexpected() {
        return new Unusable("unexpected character at position " + at + " of the JSON text");
    }

    private void expect(char c) {
        if (peek() != c) {
            throw unexpected();
        }
        at++;
    }

    private boolean took(char c) {
        if (peek() == c) {
            at++;
            return true;
        }
        return false;
    }

    private @Nullable Object literal(String word, @Nullable Object value) {
        if (!text.startsWith(word, at)) {
            throw unexpected();
        }
        at += word.length();
        return value;
    }

    private Map<String, @Nullable Object> readObject() {
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        expect('{');
        if (took('}')) {
            return result;
        }
        do {
            String key = readString();
            if (result.containsKey(key)) {
                throw new Unusable("key '" + key + "' stands twice");
            }
            expect(':');
            result.put(key, value());
        } while (took(','));
        expect('}');
        return result;
    }

    private List<@Nullable Object> readArray() {
        List<@Nullable Object> result = new ArrayList<>();
        expect('[');
        if (took(']')) {
            return result;
        }
        do {
            result.add(value());
        } while (took(','));
        expect(']');
        return Collections.unmodifiableList(result);
    }

    private Numeral number() {
        int start = at;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String digits = text.substring(start, at);
        if (!digits.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?")) {
            at = start;
            throw unexpected();
        }
        return new Numeral(digits);
    }

    private String readString() {
        expect('"');
        StringBuilder result = new StringBuilder();
        for (char c = peek(); c != '"'; c = peek()) {
            if (c < ' ') {
                throw unexpected();
            }
            at++;
            result.append(c == '\\' ? escape() : c);
        }
        at++;
        return result.toString();
    }

    private char escape() {
        char c = peek();
        at++;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> unicode();
            default -> throw unexpected();
        };
    }

    private char unicode() {
        if (at + 4 > text.length() || !text.substring(at, at + 4).matches("[0-9a-fA-F]{4}")) {
            throw unexpected();
        }
        char c = (char) Integer.parseInt(text.substring(at, at + 4), 16);
        at += 4;
        return c;
    }
}
