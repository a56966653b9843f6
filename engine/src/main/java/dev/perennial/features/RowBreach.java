package dev.perennial.features;

import dev.perennial.lifecycle.file.ContractRule;
import org.jspecify.annotations.Nullable;

/** Whether one value breaches a row rule; the twin of the worker's SQL conditions. */
final class RowBreach {
    private RowBreach() {}

    /** @param known whether the value is known by now, so that a null is a missing value */
    static boolean of(ContractRule rule, @Nullable Object value, boolean known) {
        if (value == null) {
            return rule.required() && known;
        }
        if (value instanceof Double number) {
            if (rule.min() != null && number < rule.min() || rule.max() != null && number > rule.max()) {
                return true;
            }
        }
        return rule.oneOf() != null && !rule.oneOf().contains(text(value));
    }

    private static String text(Object value) {
        return value instanceof Double number && number == Math.rint(number) && Math.abs(number) < 1e15
                ? String.valueOf(number.longValue())
                : value.toString();
    }
}
