package dev.perennial.scoring.schema;

/**
 * The number parser of pandas' CSV reader ({@code precise_xstrtod}), which rounds more than once: seventeen digits, then one
 * multiplication or division. Its last digit may differ from the nearest double, and callers of MLflow get that one.
 */
final class Xstrtod {
    private static final int DIGITS_MAX = 17;
    private static final int EXPONENT_MAX = 308;
    private static final int EXPONENT_DIGITS_MAX = 9;

    private final String text;
    private int at;
    private double number;
    private int exponent;
    private int digits;

    private Xstrtod(String text) {
        this.text = text;
    }

    static double parse(String text) {
        return new Xstrtod(text).parse();
    }

    private double parse() {
        while (at < text.length() && space(text.charAt(at))) {
            at++;
        }
        boolean negative = sign();
        String rest = text.substring(at).strip().toLowerCase(java.util.Locale.ROOT);
        if (rest.equals("inf") || rest.equals("infinity")) {
            return negative ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
        mantissa();
        exponent();
        while (at < text.length() && space(text.charAt(at))) {
            at++;
        }
        if (digits == 0 || at < text.length() || exponent > EXPONENT_MAX) {
            throw failure();
        }
        double scaled = scaled();
        if (Double.isInfinite(scaled)) {
            throw failure();
        }
        return negative ? -scaled : scaled;
    }

    private CastFailure failure() {
        return CastFailure.of("the text '" + Values.shortened(text) + "' is no number");
    }

    private static boolean space(char c) {
        return c == ' ' || c >= '\t' && c <= '\r';
    }

    private boolean sign() {
        if (at < text.length() && (text.charAt(at) == '-' || text.charAt(at) == '+')) {
            return text.charAt(at++) == '-';
        }
        return false;
    }

    private boolean digit() {
        return at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9';
    }

    private void mantissa() {
        while (digit()) {
            if (digits < DIGITS_MAX) {
                number = number * 10 + (text.charAt(at) - '0');
                digits++;
            } else {
                exponent++;
            }
            at++;
        }
        if (at < text.length() && text.charAt(at) == '.') {
            at++;
            while (digit()) {
                if (digits < DIGITS_MAX) {
                    number = number * 10 + (text.charAt(at) - '0');
                    digits++;
                    exponent--;
                }
                at++;
            }
        }
    }

    private void exponent() {
        if (at >= text.length() || digits == 0 || text.charAt(at) != 'e' && text.charAt(at) != 'E') {
            return;
        }
        int before = at++;
        boolean negative = sign();
        int from = at;
        int power = 0;
        while (digit()) {
            if (at - from < EXPONENT_DIGITS_MAX) {
                power = power * 10 + (text.charAt(at) - '0');
            }
            at++;
        }
        if (at == from) {
            at = before;
            return;
        }
        exponent += negative ? -power : power;
    }

    private double scaled() {
        if (exponent >= 0) {
            return number * power(exponent);
        }
        if (exponent < -EXPONENT_MAX) {
            int beyond = -EXPONENT_MAX - exponent;
            return beyond > EXPONENT_MAX ? 0 : number / power(beyond) / power(EXPONENT_MAX);
        }
        return number / power(-exponent);
    }

    private static double power(int exponent) {
        return Double.parseDouble("1e" + exponent);
    }
}
