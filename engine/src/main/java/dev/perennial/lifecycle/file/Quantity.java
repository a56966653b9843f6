package dev.perennial.lifecycle.file;

import java.math.BigDecimal;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: {@code 50us}, {@code 250ms}, {@code 10s}, {@code 90m}, {@code 2h}, {@code 14d}; a sign is allowed. */
final class Quantity {
    static final long MICROS_PER_MILLI = 1000;
    static final long MILLIS_PER_DAY = 86_400_000L;

    private static final Pattern DURATION = Pattern.compile("([+-]?)(\\d{1,9}(?:\\.\\d{1,6})?)(us|ms|s|m|h|d)");
    private static final long MICROS_MAX = 36_600L * 86_400_000_000L;

    private Quantity() {}

    private static long microsOf(String unit) {
        return switch (unit) {
            case "ms" -> 1000L;
            case "s" -> 1_000_000L;
            case "m" -> 60_000_000L;
            case "h" -> 3_600_000_000L;
            case "d" -> 86_400_000_000L;
            default -> 1L;
        };
    }

    /** Microseconds, or empty when the text is no duration, finer than a microsecond, or longer than a century. */
    static OptionalLong micros(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            return OptionalLong.empty();
        }
        BigDecimal exact = new BigDecimal(matcher.group(2)).multiply(BigDecimal.valueOf(microsOf(matcher.group(3))));
        if (exact.stripTrailingZeros().scale() > 0 || exact.compareTo(BigDecimal.valueOf(MICROS_MAX)) > 0) {
            return OptionalLong.empty();
        }
        long micros = exact.longValueExact();
        return OptionalLong.of(matcher.group(1).equals("-") ? -micros : micros);
    }

    /** The shortest exact text of a duration in milliseconds. */
    static String text(long millis) {
        if (millis == 0) {
            return "0s";
        }
        String[] units = {"d", "h", "m", "s", "ms"};
        for (String unit : units) {
            long size = microsOf(unit) / MICROS_PER_MILLI;
            if (millis % size == 0) {
                return millis / size + unit;
            }
        }
        return millis + "ms";
    }
}
