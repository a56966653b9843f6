package dev.perennial.tracking.search;

import dev.perennial.kernel.PerennialException;

/**
 * A place in a text that a user wrote, for messages that point at it.
 *
 * @param field of the request
 * @param at index of the character, from 0; the length of the text is its end
 */
public record Place(String field, String text, int at) {
    /** How much of a long text a message shows on either side of the place. */
    private static final int SHOWN = 60;

    /** The refusal of what stands here: the field, the character counted from 1, what was expected, and the text with an arrow. */
    public PerennialException failure(String why) {
        int from = Math.max(0, at - SHOWN);
        int to = Math.min(text.length(), at + SHOWN);
        String shown = (from > 0 ? "…" : "") + text.substring(from, at) + "-->" + text.substring(at, to)
                + (to < text.length() ? "…" : "");
        return PerennialException.invalid(
                field,
                "Invalid " + field + " at character " + (at + 1) + ": " + why + "; here: " + shown.replace('\n', ' '));
    }
}
