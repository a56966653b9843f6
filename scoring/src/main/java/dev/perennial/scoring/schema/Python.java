package dev.perennial.scoring.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** What Python makes of JSON values: truth, {@code int()}, {@code float()}, {@code str()}, and its lenient base64. */
final class Python {
    private static final Pattern INT = Pattern.compile("[+-]?\\d+(_\\d+)*");
    private static final Pattern FLOAT = Pattern.compile(
            "[+-]?(?:(?:\\d+(?:_\\d+)*\\.?(?:\\d+(?:_\\d+)*)?|\\.\\d+(?:_\\d+)*)(?:[eE][+-]?\\d+(?:_\\d+)*)?|inf|infinity|nan)",
            Pattern.CASE_INSENSITIVE);
    private static final String BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    private static final int DIGITS_MAX = 4_300;
    private static final int REPR_EXPONENT_MIN = -4;
    private static final int REPR_EXPONENT_MAX = 16;

    private Python() {}

    /** The double that Python's JSON reader makes of a number. */
    static double number(JsonNode value) {
        return value.doubleValue();
    }

    static boolean truth(JsonNode value) {
        return switch (value.getNodeType()) {
            case BOOLEAN -> value.booleanValue();
            case NUMBER -> value.isIntegralNumber() ? value.bigIntegerValue().signum() != 0 : number(value) != 0;
            case STRING -> !value.textValue().isEmpty();
            case ARRAY, OBJECT -> !value.isEmpty();
            default -> false;
        };
    }

    static BigInteger whole(JsonNode value) {
        return switch (value.getNodeType()) {
            case BOOLEAN -> value.booleanValue() ? BigInteger.ONE : BigInteger.ZERO;
            case NUMBER -> value.isIntegralNumber() ? value.bigIntegerValue() : truncated(number(value));
            case STRING -> whole(value.textValue());
            default -> throw CastFailure.of(Values.kind(value) + " cannot become a whole number");
        };
    }

    static BigInteger truncated(double value) {
        if (!Double.isFinite(value)) {
            throw CastFailure.of(value + " cannot become a whole number");
        }
        return new BigDecimal(value).toBigInteger();
    }

    private static BigInteger whole(String text) {
        String digits = text.strip();
        if (digits.length() > DIGITS_MAX || !INT.matcher(digits).matches()) {
            throw CastFailure.of("the text '" + Values.shortened(text) + "' is no whole number");
        }
        return new BigInteger(digits.replace("_", "").replace("+", ""));
    }

    static double fraction(JsonNode value) {
        return switch (value.getNodeType()) {
            case BOOLEAN -> value.booleanValue() ? 1 : 0;
            case NUMBER -> number(value);
            case NULL, MISSING -> Double.NaN;
            case STRING -> fraction(value.textValue());
            default -> throw CastFailure.of(Values.kind(value) + " cannot become a number");
        };
    }

    private static double fraction(String text) {
        String digits = text.strip();
        if (digits.length() > DIGITS_MAX || !FLOAT.matcher(digits).matches()) {
            throw CastFailure.of("the text '" + Values.shortened(text) + "' is no number");
        }
        String lower = digits.toLowerCase(Locale.ROOT);
        if (lower.endsWith("nan")) {
            return Double.NaN;
        }
        if (lower.contains("inf")) {
            return lower.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
        return Double.parseDouble(digits.replace("_", ""));
    }

    /** {@code str(value)}; within lists and objects {@code repr(value)}. */
    static String text(JsonNode value) {
        return value.isTextual() ? value.textValue() : repr(value);
    }

    private static String repr(JsonNode value) {
        return switch (value.getNodeType()) {
            case BOOLEAN -> value.booleanValue() ? "True" : "False";
            case NUMBER -> value.isIntegralNumber() ? value.bigIntegerValue().toString() : repr(number(value));
            case STRING -> "'" + value.textValue() + "'";
            case ARRAY -> {
                List<String> items = new ArrayList<>();
                value.forEach(item -> items.add(repr(item)));
                yield "[" + String.join(", ", items) + "]";
            }
            case OBJECT -> {
                List<String> items = new ArrayList<>();
                value.properties().forEach(each -> items.add("'" + each.getKey() + "': " + repr(each.getValue())));
                yield "{" + String.join(", ", items) + "}";
            }
            default -> "None";
        };
    }

    /** {@code repr} of a float: the shortest digits, with an exponent only when it is far from zero. */
    static String repr(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value < 0 ? "-inf" : "inf";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0.0" : "0.0";
        }
        BigDecimal shortest = shortest(value);
        int exponent = shortest.precision() - shortest.scale() - 1;
        if (exponent >= REPR_EXPONENT_MIN && exponent < REPR_EXPONENT_MAX) {
            String plain = shortest.toPlainString();
            return plain.contains(".") ? plain : plain + ".0";
        }
        String digits = shortest.unscaledValue().abs().toString();
        String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
        String sign = exponent < 0 ? "-" : "+";
        return (value < 0 ? "-" : "") + mantissa + "e" + sign + String.format(Locale.ROOT, "%02d", Math.abs(exponent));
    }

    /** Java gives two digits where one tells the number. */
    private static BigDecimal shortest(double value) {
        BigDecimal shortest = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        BigDecimal shorter = shortest.round(new MathContext(1, RoundingMode.HALF_EVEN));
        return shortest.precision() == 2 && shorter.doubleValue() == value ? shorter.stripTrailingZeros() : shortest;
    }

    /** {@code base64.decodebytes}: what is no digit is left out; padding ends it. */
    static byte[] base64(String text) {
        byte[] into = new byte[text.length()];
        int size = 0;
        int bits = 0;
        int digits = 0;
        int pads = 0;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            if (b == '=') {
                pads++;
                if (digits >= 2 && digits + pads >= 4) {
                    return Arrays.copyOf(into, size);
                }
                continue;
            }
            int value = b < 0 ? -1 : BASE64.indexOf(b);
            if (value < 0) {
                continue;
            }
            pads = 0;
            bits = bits << 6 | value;
            if (digits > 0) {
                into[size++] = (byte) (bits >> 6 - 2 * digits);
            }
            digits = (digits + 1) % 4;
            bits &= 0x3f;
        }
        if (digits != 0) {
            throw CastFailure.of("the text is no base64: its padding is wrong");
        }
        return Arrays.copyOf(into, size);
    }
}
