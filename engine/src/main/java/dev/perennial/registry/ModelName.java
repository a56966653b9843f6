package dev.perennial.registry;

import dev.perennial.kernel.PerennialException;

/**
 * The name of a registered model within its project. Unlike the id of a loop's model it may hold any letters and spaces.
 *
 * @param text not blank, without {@code /}, {@code :} and control characters, at most 256 characters
 */
public record ModelName(String project, String text) {
    /** The project of those who need none. */
    public static final String DEFAULT_PROJECT = "default";

    private static final int LENGTH_MAX = 256;

    public ModelName {
        if (text.isBlank()) {
            throw PerennialException.invalid("name", "Invalid model name '" + text + "': a name cannot be empty");
        }
        if (text.codePointCount(0, text.length()) > LENGTH_MAX) {
            throw PerennialException.invalid(
                    "name",
                    "Invalid model name '" + text.substring(0, 80) + "...': a name has at most " + LENGTH_MAX
                            + " characters");
        }
        if (text.indexOf('/') >= 0 || text.indexOf(':') >= 0) {
            throw PerennialException.invalid(
                    "name", "Invalid model name '" + text + "'. Names cannot contain '/' or ':'.");
        }
        if (text.equals(".") || text.equals("..") || text.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
            throw PerennialException.invalid(
                    "name",
                    "Invalid model name '" + text + "': '.', '..' and control characters cannot be used in addresses");
        }
    }

    public static ModelName of(String text) {
        return new ModelName(DEFAULT_PROJECT, text);
    }

    /** The name by which aliases and the loop's own tables know the model. */
    String ref() {
        return project.equals(DEFAULT_PROJECT) ? text : project + ":" + text;
    }

    @Override
    public String toString() {
        return text;
    }
}
