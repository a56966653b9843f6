package dev.perennial.server.mlflow;

import java.nio.charset.StandardCharsets;

/**
 * Reads simple JSON from its bytes, token by token, without checking more than it must to be sure of what it read. When something is not
 * simple (an escape, a character beyond ASCII, a number that needs care), it is no longer {@link #good} and whoever asked starts over with
 * a real parser. Not thread-safe.
 */
final class PlainJson {
    private static final int DIGITS_MAX = 18;
    private static final long EXACT_MAX = 1L << 53;
    private static final double[] TENS = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22
    };

    private final byte[] bytes;
    private int at;
    private boolean good = true;

    PlainJson(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Whether everything so far was simple. */
    boolean good() {
        return good;
    }

    /** Passes this character when it is next. */
    boolean take(char wanted) {
        skipSpace();
        if (good && at < bytes.length && bytes[at] == wanted) {
            at++;
            return true;
        }
        return false;
    }

    /** Whether nothing is left. */
    boolean ended() {
        skipSpace();
        return good && at == bytes.length;
    }

    private void skipSpace() {
        while (at < bytes.length
                && (bytes[at] == ' ' || bytes[at] == '\n' || bytes[at] == '\r' || bytes[at] == '\t')) {
            at++;
        }
    }

    /** The name of a member, with its colon. */
    String name() {
        String name = text();
        good &= take(':');
        return name;
    }

    String text() {
        if (!take('"')) {
            return bad("");
        }
        int from = at;
        while (at < bytes.length && bytes[at] >= ' ' && bytes[at] != '"' && bytes[at] != '\\') {
            at++;
        }
        int to = at;
        return take('"') ? new String(bytes, from, to - from, StandardCharsets.ISO_8859_1) : bad("");
    }

    /** A whole number of at most 18 digits. */
    long whole() {
        skipSpace();
        boolean negative = sign();
        int from = at;
        long number = digits();
        int count = at - from;
        if (count == 0 || count > DIGITS_MAX || (bytes[from] == '0' && count > 1) || !endsNumber()) {
            return bad(0L);
        }
        return negative ? -number : number;
    }

    /** A number; a negative zero needs care, because a whole one is none. */
    double real() {
        skipSpace();
        int from = at;
        boolean negative = sign();
        int first = at;
        long mantissa = digits();
        int whole = at - first;
        if (whole == 0 || (bytes[first] == '0' && whole > 1)) {
            return bad(0.0);
        }
        int decimals = 0;
        if (at < bytes.length && bytes[at] == '.') {
            int point = ++at;
            for (; at < bytes.length && isDigit(bytes[at]); at++) {
                mantissa = mantissa * 10 + (bytes[at] - '0');
            }
            decimals = at - point;
            if (decimals == 0) {
                return bad(0.0);
            }
        }
        boolean powered = at < bytes.length && (bytes[at] == 'e' || bytes[at] == 'E');
        if (powered && !exponent()) {
            return bad(0.0);
        }
        if (!endsNumber() || (negative && mantissa == 0)) {
            return bad(0.0);
        }
        boolean exact = !powered && whole + decimals <= DIGITS_MAX && mantissa < EXACT_MAX && decimals < TENS.length;
        double number = exact
                ? mantissa / TENS[decimals]
                : Double.parseDouble(new String(bytes, first, at - first, StandardCharsets.ISO_8859_1));
        return negative ? -number : number;
    }

    private boolean exponent() {
        at++;
        if (at < bytes.length && (bytes[at] == '-' || bytes[at] == '+')) {
            at++;
        }
        int from = at;
        digits();
        return at > from;
    }

    private boolean sign() {
        boolean negative = at < bytes.length && bytes[at] == '-';
        at += negative ? 1 : 0;
        return negative;
    }

    /** May overflow; the count of digits tells. */
    private long digits() {
        long number = 0;
        for (; at < bytes.length && isDigit(bytes[at]); at++) {
            number = number * 10 + (bytes[at] - '0');
        }
        return number;
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    /** Nothing that goes on with a number comes next. */
    private boolean endsNumber() {
        return at < bytes.length
                && switch (bytes[at]) {
                    case ',', '}', ']', ' ', '\n', '\r', '\t' -> true;
                    default -> false;
                };
    }

    private <T> T bad(T nothing) {
        good = false;
        return nothing;
    }
}
