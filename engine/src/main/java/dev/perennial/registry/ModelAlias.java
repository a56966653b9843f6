package dev.perennial.registry;

import dev.perennial.kernel.PerennialException;
import java.util.regex.Pattern;

/** A name that points to a version of its model. */
public record ModelAlias(String alias, int number) {
    /** Always the newest version; nobody can set it. */
    static final String LATEST = "latest";

    private static final Pattern FORM = Pattern.compile("[\\w-]{1,255}", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern LIKE_A_VERSION = Pattern.compile("[vV]\\d+");

    /** A name that may be given to a version. */
    static String checked(String alias) {
        readable(alias);
        if (alias.equalsIgnoreCase(LATEST)) {
            throw PerennialException.invalid("alias", "'" + alias + "' alias name (case insensitive) is reserved.");
        }
        if (LIKE_A_VERSION.matcher(alias).matches()) {
            throw PerennialException.invalid("alias", "Version alias name '" + alias + "' is reserved.");
        }
        return alias;
    }

    /** A name that may be asked for. */
    static String readable(String alias) {
        if (!FORM.matcher(alias).matches()) {
            throw PerennialException.invalid(
                    "alias",
                    "Invalid alias name: '" + alias
                            + "'. Names have 1 to 255 letters, digits, underscores and dashes.");
        }
        return alias;
    }
}
