package dev.perennial.scoring.schema;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Times as texts: ISO 8601 as our strict mode reads it, and as pandas and numpy do. Nanoseconds reach from 1677 to 2262. */
final class Times {
    private static final int CHARS_MAX = 64;
    private static final int YEAR = 1;
    private static final int MONTH = 2;
    private static final int DAY = 3;
    private static final int HOUR = 4;
    private static final int MINUTE = 5;
    private static final int SECOND = 6;
    private static final int FRACTION = 7;
    private static final int ZONE = 8;
    private static final int YEAR_DIGITS = 4;
    private static final long NANOS = 1_000_000_000L;
    private static final long DAY_SECONDS = 86_400;
    private static final Pattern COMPACT = Pattern.compile("(\\d{4})(\\d\\d)(\\d\\d)");
    private static final Pattern ISO = Pattern.compile(
            "(-?\\d{1,24})(?:-(\\d\\d)(?:-(\\d\\d)(?:[T ](\\d\\d)(?::(\\d\\d)(?::(\\d\\d)(?:\\.(\\d{1,9}))?)?)?"
                    + "(Z|[+-]\\d\\d(?::?\\d\\d)?)?)?)?)?");
    private static final Set<String> NOT_A_TIME = Set.of("", "NaT", "nat", "nan", "NaN");

    private Times() {}

    /** A whole date, with or without a time of day and a zone; null when the text is none. */
    static @Nullable Nanos strict(String text) {
        Matcher parts = match(text);
        if (parts == null || parts.group(DAY) == null || parts.group(YEAR).length() != YEAR_DIGITS) {
            return null;
        }
        if (parts.group(HOUR) != null && parts.group(MINUTE) == null) {
            return null;
        }
        return exact(parts);
    }

    /** As pandas casts a column of texts; zones are refused. Null is NaT. */
    static @Nullable Nanos pandas(String text) {
        if (NOT_A_TIME.contains(text)) {
            return null;
        }
        Matcher parts = match(COMPACT.matcher(text).replaceFirst("$1-$2-$3"));
        Nanos nanos = parts == null || parts.group(YEAR).length() != YEAR_DIGITS || parts.group(ZONE) != null
                ? null
                : exact(parts);
        if (nanos == null) {
            throw CastFailure.of("the text '" + Values.shortened(text) + "' cannot become datetime64[ns]");
        }
        return nanos;
    }

    /** As numpy reads a text; what is too far from 1970 wraps around, silently. Null is NaT. */
    static @Nullable Nanos numpy(String text) {
        if (text.isEmpty() || text.equalsIgnoreCase("nat")) {
            return null;
        }
        Matcher parts = match(text);
        if (parts != null) {
            long year = wrapped(parts.group(YEAR));
            try {
                return year == Long.MIN_VALUE
                        ? null
                        : new Nanos((days(year, parts) * DAY_SECONDS + time(parts)) * NANOS + fraction(parts));
            } catch (DateTimeException e) {
                // told below
            }
        }
        throw CastFailure.of("the text '" + Values.shortened(text) + "' cannot become datetime64[ns]");
    }

    private static long wrapped(String digits) {
        long year = 0;
        for (int i = digits.charAt(0) == '-' ? 1 : 0; i < digits.length(); i++) {
            year = year * 10 + (digits.charAt(i) - '0');
        }
        return digits.charAt(0) == '-' ? -year : year;
    }

    /** Days since 1970, by numpy's formula, which may overflow. */
    private static long days(long year, Matcher parts) {
        boolean leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        LocalDate alike = LocalDate.of(leap ? 2000 : 2001, number(parts, MONTH, 1), number(parts, DAY, 1));
        long since = year - 1970;
        long days = since * 365;
        if (days >= 0) {
            days += (since + 1) / 4 - (since + 69) / 100 + (since + 369) / 400;
        } else {
            days += (since - 2) / 4 - (since - 30) / 100 + (since - 30) / 400;
        }
        return days + alike.getDayOfYear() - 1;
    }

    private static long time(Matcher parts) {
        LocalTime time = LocalTime.of(number(parts, HOUR, 0), number(parts, MINUTE, 0), number(parts, SECOND, 0));
        String zone = parts.group(ZONE);
        return time.toSecondOfDay() - (zone == null ? 0 : ZoneOffset.of(zone).getTotalSeconds());
    }

    private static @Nullable Matcher match(String text) {
        if (text.length() > CHARS_MAX) {
            return null;
        }
        Matcher matcher = ISO.matcher(text);
        return matcher.matches() ? matcher : null;
    }

    private static @Nullable Nanos exact(Matcher parts) {
        try {
            return new Nanos(Math.addExact(Math.multiplyExact(seconds(parts), NANOS), fraction(parts)));
        } catch (DateTimeException | ArithmeticException e) {
            return null;
        }
    }

    private static long seconds(Matcher parts) {
        LocalDateTime local = LocalDateTime.of(
                number(parts, YEAR, 0),
                number(parts, MONTH, 1),
                number(parts, DAY, 1),
                number(parts, HOUR, 0),
                number(parts, MINUTE, 0),
                number(parts, SECOND, 0));
        String zone = parts.group(ZONE);
        return local.toEpochSecond(zone == null ? ZoneOffset.UTC : ZoneOffset.of(zone));
    }

    private static long fraction(Matcher parts) {
        String digits = parts.group(FRACTION);
        return digits == null ? 0 : Long.parseLong((digits + "000000000").substring(0, 9));
    }

    private static int number(Matcher parts, int group, int byDefault) {
        String digits = parts.group(group);
        return digits == null ? byDefault : Integer.parseInt(digits);
    }
}
