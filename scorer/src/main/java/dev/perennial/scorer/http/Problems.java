package dev.perennial.scorer.http;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong with a request, so that the caller learns everything at once. */
public final class Problems {
    private static final int SHOWN_MAX = 50;

    private final List<String> fields = new ArrayList<>();
    private final List<String> messages = new ArrayList<>();
    private int count;

    /** One mistake, to be thrown at once. */
    public static PerennialException one(String field, String why) {
        return new PerennialException(ErrorCode.INVALID_ARGUMENT, field + ": " + why, field, null);
    }

    public void add(String field, String message) {
        count++;
        if (count <= SHOWN_MAX) {
            fields.add(field);
            messages.add(field + ": " + message);
        }
    }

    /** Whether nothing is wrong. */
    boolean none() {
        return count == 0;
    }

    /** @throws PerennialException naming every field, when there is one */
    public void throwIfAny() {
        if (count > 0) {
            String more = count > SHOWN_MAX ? "; and " + (count - SHOWN_MAX) + " more" : "";
            throw new PerennialException(
                    ErrorCode.INVALID_ARGUMENT, String.join("; ", messages) + more, String.join(",", fields), null);
        }
    }
}
