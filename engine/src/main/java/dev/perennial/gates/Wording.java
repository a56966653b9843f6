package dev.perennial.gates;

import dev.perennial.gates.Evaluation.Withheld;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Numbers as people read them. */
final class Wording {
    private Wording() {}

    static String number(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }

    /** With its sign, for differences. */
    static String signed(double value) {
        return String.format(Locale.ROOT, "%+.4f", value);
    }

    static String difference(double estimate, double low, double high, double confidence) {
        return signed(estimate) + ", " + percent(confidence) + " interval [" + signed(low) + ", " + signed(high) + "]";
    }

    static String level(double estimate, double low, double high, double confidence) {
        return number(estimate) + ", " + percent(confidence) + " interval [" + number(low) + ", " + number(high) + "]";
    }

    static String sample(long rows, int days, @Nullable Double deff) {
        String text = String.format(Locale.ROOT, "%,d rows of %d days", rows, days);
        return deff == null ? text : text + String.format(Locale.ROOT, ", design effect %.1f", deff);
    }

    static String percent(double share) {
        double value = 100 * share;
        return value == Math.rint(value)
                ? String.format(Locale.ROOT, "%.0f %%", value)
                : String.format(Locale.ROOT, "%.1f %%", value);
    }

    static String withheld(List<Withheld> withheld) {
        if (withheld.isEmpty()) {
            return "";
        }
        return "; withheld: "
                + String.join(
                        ", ",
                        withheld.stream()
                                .map(one -> one.day() + " (" + one.reason() + ")")
                                .toList());
    }
}
