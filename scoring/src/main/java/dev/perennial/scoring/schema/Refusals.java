package dev.perennial.scoring.schema;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.util.List;

/** The two ways in which MLflow refuses: the body cannot be read as what it says, or it does not fit the signature. */
final class Refusals {
    private static final int SHOWN_MAX = 20;

    private Refusals() {}

    /** MLflow's {@code BAD_REQUEST}. */
    static PerennialException unreadable(String field, String why) {
        return new PerennialException(ErrorCode.MALFORMED_REQUEST, field + ": " + why, field, null);
    }

    /** MLflow's {@code INVALID_PARAMETER_VALUE}; the words are those by which its clients know a violation. */
    static PerennialException violation(String field, String why) {
        return violations(field, List.of(field + ": " + why));
    }

    static PerennialException violations(String field, List<String> all) {
        String more = all.size() > SHOWN_MAX ? "; and " + (all.size() - SHOWN_MAX) + " more" : "";
        String text = String.join("; ", all.subList(0, Math.min(SHOWN_MAX, all.size())));
        return new PerennialException(
                ErrorCode.INVALID_ARGUMENT, "Failed to enforce schema: " + text + more, field, null);
    }
}
