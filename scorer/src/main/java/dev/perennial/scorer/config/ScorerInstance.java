package dev.perennial.scorer.config;

import java.util.regex.Pattern;

/**
 * Tells scorers apart that have one name: another spool folder is another scorer, and a later run of the same folder has a greater
 * generation. Written as {@code NAME/GENERATION}.
 *
 * @param name of the spool folder
 * @param generation of this run
 */
public record ScorerInstance(String name, long generation) {
    private static final Pattern NAME = Pattern.compile("[0-9a-f]{16}");

    /** Whether a text can be the name of a folder. */
    public static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    @Override
    public String toString() {
        return name + "/" + generation;
    }
}
