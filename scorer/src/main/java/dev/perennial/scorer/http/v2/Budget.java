package dev.perennial.scorer.http.v2;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;

/** How many elements a request may still bring in forms that take more memory than they are long. For one request. */
final class Budget {
    /** An element of two bytes of JSON, {@code 0,}, becomes eight. */
    private static final int JSON_MAX = 4_000_000;
    /** A byte string of four bytes becomes an object of 24. */
    private static final int STRINGS_MAX = 1_000_000;

    private int json = JSON_MAX;
    private int strings = STRINGS_MAX;

    void json(String input, int elements) {
        json -= elements;
        if (json < 0) {
            throw tooLarge(input, "more than " + JSON_MAX + " values in JSON; send them as binary data");
        }
    }

    void strings(String input, int elements) {
        strings -= elements;
        if (strings < 0) {
            throw tooLarge(input, "more than " + STRINGS_MAX + " byte strings; send them in several requests");
        }
    }

    private static PerennialException tooLarge(String input, String why) {
        return new PerennialException(ErrorCode.TOO_LARGE, input + ": " + why, input, null);
    }
}
