package dev.perennial.serving;

import dev.perennial.kernel.PerennialException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells scorers apart that say one name. A later run of the same scorer has a greater generation; one with another folder is another
 * scorer.
 *
 * @param folder name of the folder that it writes its log to
 * @param generation of the run
 */
public record ScorerInstance(String folder, long generation) {
    private static final Pattern WRITTEN = Pattern.compile("([0-9a-f]{16})/([0-9]{1,18})");

    /**
     * As a scorer says it, {@code NAME/GENERATION}; empty from a program that says nothing.
     *
     * @throws PerennialException when it is something else
     */
    public static Optional<ScorerInstance> parse(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return Optional.empty();
        }
        Matcher written = WRITTEN.matcher(text);
        if (!written.matches()) {
            throw PerennialException.invalid(
                    "instance", "instance '" + text + "' must be 16 hexadecimal digits, a slash and a whole number");
        }
        return Optional.of(new ScorerInstance(written.group(1), Long.parseLong(written.group(2))));
    }
}
