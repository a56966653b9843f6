package dev.perennial.lifecycle.file;

/**
 * One mistake in a lifecycle file.
 *
 * @param line 1 for the first line
 * @param column 1 for the first character of the line
 * @param field path of the offending part, {@code features.windows[2].over}; empty for the whole file
 * @param message the offending value and what was expected
 * @param advice what to do about it
 */
public record Problem(int line, int column, String field, String message, String advice) {
    /** One clear line for a terminal: {@code 12:5 gates.holdout: message; advice}. */
    public String text() {
        return line + ":" + column + " " + (field.isEmpty() ? "" : field + ": ") + message + "; " + advice;
    }
}
