package dev.perennial.rollout;

import java.util.Locale;

/** Numbers as people read them. */
final class Wording {
    private Wording() {}

    /** Without a fraction where there is none. */
    static String plain(double value) {
        double tenths = Math.rint(value * 10) / 10;
        return tenths == Math.rint(tenths)
                ? String.format(Locale.ROOT, "%.0f", tenths)
                : String.format(Locale.ROOT, "%.1f", tenths);
    }

    static String signed(double value) {
        return String.format(Locale.ROOT, "%+.4f", value);
    }

    static String days(int count) {
        return count == 1 ? "1 day" : count + " days";
    }
}
