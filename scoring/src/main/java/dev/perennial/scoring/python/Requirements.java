package dev.perennial.scoring.python;

import dev.perennial.kernel.PerennialException;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a model says that must be installed: names with versions, nothing else. Options, addresses and paths are refused: where packages
 * come from is the machine's business, not the model's.
 */
final class Requirements {
    private static final int LINES_MAX = 1_000;
    private static final int LINE_CHARS_MAX = 500;
    private static final Pattern LINE = Pattern.compile(
            "([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\\s*(\\[[A-Za-z0-9._, -]*])?\\s*([^;@/\\\\]*)(;.*)?");
    private static final Pattern VERSIONS =
            Pattern.compile("\\(?\\s*(?:(?:===|==|~=|!=|<=|>=|<|>)\\s*[A-Za-z0-9._*+!-]+\\s*,?\\s*)*\\)?");
    private static final Pattern SEPARATORS = Pattern.compile("[-_.]+");

    private Requirements() {}

    /**
     * The requirements of a text as {@code requirements.txt} has it, in order and without comments.
     *
     * @throws PerennialException naming a line that cannot be taken
     */
    static List<String> parse(String text) {
        return normalised(text.replaceAll("\\\\\\r?\\n", " ").lines().toList());
    }

    /** The same requirements in one way of writing: equal lists ask for the same. */
    static List<String> normalised(List<String> lines) {
        TreeSet<String> all = new TreeSet<>();
        for (String line : lines) {
            String one = normalised(line);
            if (one != null) {
                all.add(one);
            }
        }
        if (all.size() > LINES_MAX) {
            throw PerennialException.invalid(
                    "requirements", all.size() + " requirements; at most " + LINES_MAX + " are possible");
        }
        return List.copyOf(all);
    }

    private static @Nullable String normalised(String line) {
        String text = line.replaceAll("(^|\\s)#.*", "").strip();
        if (text.isEmpty()) {
            return null;
        }
        Matcher parts = LINE.matcher(text);
        boolean fits = text.length() <= LINE_CHARS_MAX
                && parts.matches()
                && VERSIONS.matcher(parts.group(3).strip()).matches();
        if (!fits) {
            throw PerennialException.invalid(
                    "requirements",
                    "the requirement '" + text
                            + "' cannot be installed: only names with versions are taken, no options,"
                            + " addresses or paths; put the package into the index that pip uses on this machine");
        }
        String name = SEPARATORS.matcher(parts.group(1)).replaceAll("-").toLowerCase(java.util.Locale.ROOT);
        String extras = parts.group(2) == null ? "" : parts.group(2).replace(" ", "");
        String marker =
                parts.group(4) == null ? "" : "; " + parts.group(4).substring(1).strip();
        return name + extras + parts.group(3).replaceAll("[\\s()]", "") + marker;
    }
}
