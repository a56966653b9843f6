package dev.perennial.scorer.http;

import com.fasterxml.jackson.core.io.NumberInput;
import dev.perennial.scorer.serving.Schema;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Walks over JSON of the usual form without making an object for each token: ASCII, texts without escapes, numbers. Those of up to 53 bits
 * of digits, which one multiplication or division makes exact, cost no object at all. A method that finds something else answers false,
 * and nothing can be said of where the cursor stands then: the caller has the same bytes read by the full parser, which also knows the
 * words for what is wrong. About a nanosecond a byte. Not thread-safe.
 */
public final class JsonCursor {
    private static final int DIGITS_MAX = 18;
    /** The full readers take no longer numbers. */
    private static final int CHARS_MAX = 64;

    private static final int EXPONENT_DIGITS_MAX = 3;
    private static final long EXACT_MAX = 1L << 53;
    private static final double[] POWERS = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22
    };
    /** What a float drops of a double's bits, and the half of it, where rounding twice may differ from rounding once. */
    private static final long DROPPED = 0x1fffffffL;

    private static final long HALF = 0x10000000L;
    private static final byte[] NULL = ascii("null");
    private static final byte[] TRUE = ascii("true");
    private static final byte[] FALSE = ascii("false");

    private final byte[] json;
    private final int limit;
    private int at;
    private int from;
    private int to;
    private int numberFrom;
    private double value;
    private boolean whole;

    /** @param limit where the JSON ends */
    public JsonCursor(byte[] json, int limit) {
        this.json = json;
        this.limit = limit;
    }

    /** A text to be compared with. */
    public static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Passes over this character. */
    public boolean take(char wanted) {
        if (!is(wanted)) {
            return false;
        }
        at++;
        return true;
    }

    /** Whether this character comes next. */
    public boolean is(char wanted) {
        while (at < limit && blank(json[at])) {
            at++;
        }
        return at < limit && json[at] == wanted;
    }

    private static boolean blank(byte c) {
        return c == ' ' || c == '\n' || c == '\r' || c == '\t';
    }

    /** Passes over a text. */
    public boolean text() {
        if (!take('"')) {
            return false;
        }
        from = at;
        while (at < limit) {
            byte c = json[at++];
            if (c == '"') {
                to = at - 1;
                return true;
            }
            if (c < ' ' || c == '\\') { // bytes beyond ASCII are negative
                return false;
            }
        }
        return false;
    }

    /** Passes over the name of a member and the colon behind it. */
    public boolean member() {
        return text() && take(':');
    }

    /** Whether the last text is this one. */
    public boolean says(byte[] ascii) {
        return Arrays.equals(json, from, to, ascii, 0, ascii.length);
    }

    /** The last text. */
    public String string() {
        return new String(json, from, to - from, StandardCharsets.ISO_8859_1);
    }

    /**
     * What the last text names.
     *
     * @param guess number of the place that it may well be
     */
    public Schema.Place place(Schema schema, int guess) {
        Schema.Place there = schema.placeAt(guess, json, from, to);
        return there != null ? there : schema.place(string());
    }

    /** Passes over a null. */
    public boolean nothing() {
        return word(NULL);
    }

    /** Passes over a true or a false. */
    public boolean truth() {
        return word(TRUE) || word(FALSE);
    }

    private boolean word(byte[] word) {
        if (!is((char) word[0])
                || limit - at < word.length
                || !Arrays.equals(json, at, at + word.length, word, 0, word.length)) {
            return false;
        }
        at += word.length;
        return true;
    }

    /**
     * Passes over a number. Whole numbers beyond 2^53 are not usual, nor is a negative zero: readers do not agree whether it keeps its sign.
     */
    public boolean number() {
        boolean negative = take('-');
        int first = at;
        numberFrom = negative ? at - 1 : at;
        long digits = digits(0);
        int integers = at - first;
        if (integers == 0 || (integers > 1 && json[first] == '0')) {
            return false;
        }
        int scale = 0;
        whole = true;
        if (at < limit && json[at] == '.') {
            int point = ++at;
            digits = digits(digits);
            scale = at - point;
            whole = false;
            if (scale == 0) {
                return false;
            }
        }
        boolean exact = integers + scale <= DIGITS_MAX && digits <= EXACT_MAX;
        if (at < limit && (json[at] == 'e' || json[at] == 'E')) {
            int exponent = exponent();
            if (exponent == Integer.MIN_VALUE) {
                return false;
            }
            scale -= exponent;
            whole = false;
        }
        if (exact && Math.abs(scale) < POWERS.length) {
            double size = scale >= 0 ? digits / POWERS[scale] : digits * POWERS[-scale];
            value = negative ? -size : size;
        } else if (whole || at - numberFrom > CHARS_MAX) {
            return false;
        } else {
            value = NumberInput.parseDouble(
                    new String(json, numberFrom, at - numberFrom, StandardCharsets.ISO_8859_1), true);
        }
        return Double.isFinite(value) && !(negative && value == 0);
    }

    /** Goes on with a whole number; what overflows is known by its length. */
    private long digits(long before) {
        long all = before;
        while (at < limit && json[at] >= '0' && json[at] <= '9') {
            all = all * 10 + (json[at++] - '0');
        }
        return all;
    }

    private int exponent() {
        at++;
        boolean negative = at < limit && json[at] == '-';
        if (negative || at < limit && json[at] == '+') {
            at++;
        }
        int first = at;
        long exponent = digits(0);
        int length = at - first;
        return length == 0 || length > EXPONENT_DIGITS_MAX
                ? Integer.MIN_VALUE
                : (int) (negative ? -exponent : exponent);
    }

    /** The last number. */
    public double value() {
        return value;
    }

    /** Whether the last number was written without a point and an exponent. */
    public boolean whole() {
        return whole;
    }

    /** The last number as a float rounded once from its digits; NaN where that needs more than its double. */
    public float single() {
        float single = (float) value;
        boolean usual = Math.abs(single) >= Float.MIN_NORMAL && !Float.isInfinite(single) || value == 0;
        return usual && (Double.doubleToRawLongBits(value) & DROPPED) != HALF ? single : Float.NaN;
    }

    /** Whether nothing but blanks is left. */
    public boolean ended() {
        while (at < limit && blank(json[at])) {
            at++;
        }
        return at == limit;
    }
}
