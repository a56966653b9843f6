package dev.perennial.registry;

import dev.perennial.kernel.PerennialException;
import dev.perennial.tracking.KeyValue;
import dev.perennial.tracking.Names;
import org.jspecify.annotations.Nullable;

/** How long texts of the registry may be; what is longer is refused, never cut. Lengths count characters. */
final class RegistryLimits {
    static final int TAG_VALUE_MAX = 100_000;
    static final int DESCRIPTION_MAX = 100_000;

    private RegistryLimits() {}

    static void tag(KeyValue tag) {
        Names.key("key", tag.key());
        Names.atMost("value", tag.value(), TAG_VALUE_MAX);
    }

    static void description(@Nullable String text) {
        if (text != null) {
            Names.atMost("description", text, DESCRIPTION_MAX);
        }
    }

    static int number(String text) {
        if (!text.matches("[+-]?\\d{1,18}")) {
            throw PerennialException.invalid(
                    "version",
                    "Parameter 'version' must be an integer, got: '" + text + "'. Versions are numbers such as 3");
        }
        long number = Long.parseLong(text);
        return number < 0 || number > Integer.MAX_VALUE ? 0 : (int) number;
    }
}
