package dev.perennial.server.mlflow;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads JSON of a known shape from its bytes, several times faster than a parser that takes any shape. It accepts nothing that a real
 * parser reads otherwise or refuses; whatever it does not know is {@link NotPlain}. Used by one thread.
 */
final class PlainJson {
    private static final JsonFactory JSON = new JsonFactory();

    /** So many digits fit 64 bits whatever they are. */
    private static final int LONG_DIGITS = 18;

    /** A whole number below this is exact as a double. */
    private static final long EXACT_MAX = 1L << 53;

    /** Powers of ten that are exact as doubles; one operation on exact numbers is rounded right. */
    private static final double[] EXACT_TENS = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22
    };

    private static final int NUMBER_BYTES_MAX = 400;

    private final byte[] bytes;
    private int at;

    PlainJson(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Says that another reader has to look. */
    static final class NotPlain extends Exception {
        private static final long serialVersionUID = 1;

        NotPlain() {
            super("not plain", null, false, false);
        }
    }

    private int peek() {
        return at < bytes.length ? bytes[at] : -1;
    }

    private void space() {
        while (at < bytes.length && (bytes[at] == ' ' || bytes[at] == '\n' || bytes[at] == '\r' || bytes[at] == '\t')) {
            at++;
        }
    }

    /** Takes a mark with the space around it. */
    void mark(char mark) throws NotPlain {
        if (!took(mark)) {
            throw new NotPlain();
        }
    }

    /** Takes a mark with the space around it, if it is next. */
    boolean took(char mark) {
        space();
        if (peek() != mark) {
            return false;
        }
        at++;
        space();
        return true;
    }

    void end() throws NotPlain {
        space();
        if (at != bytes.length) {
            throw new NotPlain();
        }
    }

    /** Takes the name of a member and the colon; returns its place among the names. */
    int name(byte[][] names) throws NotPlain {
        int from = at + 1;
        int to = from;
        while (to < bytes.length && bytes[to] != '"') {
            to++;
        }
        if (peek() != '"' || to == bytes.length) {
            throw new NotPlain();
        }
        at = to + 1;
        for (int i = 0; i < names.length; i++) {
            if (Arrays.equals(bytes, from, to, names[i], 0, names[i].length)) {
                mark(':');
                return i;
            }
        }
        throw new NotPlain();
    }

    /** Takes a text that can be kept. */
    String text() throws NotPlain {
        if (peek() != '"') {
            throw new NotPlain();
        }
        int from = ++at;
        while (peek() >= ' ' && bytes[at] != '"' && bytes[at] != '\\') {
            at++;
        }
        if (peek() == '"') {
            return new String(bytes, from, at++ - from, StandardCharsets.ISO_8859_1);
        }
        if (peek() >= 0 && peek() != '\\') {
            throw new NotPlain(); // a control character
        }
        at = from - 1;
        return anyText();
    }

    /** With escapes, or beyond ASCII, whose bytes are negative: by the real parser. */
    private String anyText() throws NotPlain {
        try (JsonParser json = JSON.createParser(bytes, at, bytes.length - at)) {
            if (json.nextToken() != JsonToken.VALUE_STRING) {
                throw new NotPlain();
            }
            String text = json.getText();
            at += (int) json.currentLocation().getByteOffset();
            if (!Fields.isStorable(text)) {
                throw new NotPlain();
            }
            return text;
        } catch (IOException e) {
            throw new NotPlain();
        }
    }

    /** Takes a whole number of 64 bits. */
    long integer() throws NotPlain {
        int from = at;
        long digits = digits();
        if (isFraction()) {
            throw new NotPlain();
        }
        return at - from <= LONG_DIGITS ? digits : longInteger(from);
    }

    private long longInteger(int from) throws NotPlain {
        try {
            return Long.parseLong(slice(from));
        } catch (NumberFormatException e) {
            throw new NotPlain();
        }
    }

    /** Takes a number as the double that is nearest to it. A whole number of more than 64 bits is not plain. */
    double real() throws NotPlain {
        int from = at;
        long digits = digits();
        if (!isFraction()) {
            return at - from <= LONG_DIGITS ? digits : longInteger(from);
        }
        int places = 0;
        if (peek() == '.') {
            at++;
            int first = at;
            digits = moreDigits(bytes[from] == '-' ? -digits : digits);
            places = at - first;
        }
        boolean exponent = peek() == 'e' || peek() == 'E';
        if (exponent) {
            skipExponent();
        }
        boolean exact = !exponent && at - from <= LONG_DIGITS && digits < EXACT_MAX && places < EXACT_TENS.length;
        if (exact) {
            double value = digits / EXACT_TENS[places];
            return bytes[from] == '-' ? -value : value;
        }
        return Double.parseDouble(slice(from));
    }

    private boolean isFraction() {
        int next = peek();
        return next == '.' || next == 'e' || next == 'E';
    }

    private String slice(int from) throws NotPlain {
        if (at - from > NUMBER_BYTES_MAX) {
            throw new NotPlain();
        }
        return new String(bytes, from, at - from, StandardCharsets.ISO_8859_1);
    }

    /** Takes the whole part of a number; with more than {@link #LONG_DIGITS} digits the result means nothing. */
    private long digits() throws NotPlain {
        boolean negative = peek() == '-';
        if (negative) {
            at++;
        }
        boolean zero = peek() == '0';
        int from = at;
        long digits = moreDigits(0);
        if (zero && at - from > 1) {
            throw new NotPlain();
        }
        return negative ? -digits : digits;
    }

    /** Takes at least one digit. */
    private long moreDigits(long before) throws NotPlain {
        int from = at;
        long digits = before;
        while (at < bytes.length && bytes[at] >= '0' && bytes[at] <= '9') {
            digits = digits * 10 + (bytes[at++] - '0');
        }
        if (at == from) {
            throw new NotPlain();
        }
        return digits;
    }

    private void skipExponent() throws NotPlain {
        at++;
        if (peek() == '+' || peek() == '-') {
            at++;
        }
        moreDigits(0);
    }
}
