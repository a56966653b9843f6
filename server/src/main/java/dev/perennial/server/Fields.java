package dev.perennial.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.PerennialException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads single fields of a request's body; one of another type than expected is refused by name. */
public final class Fields {
    private static final long MILLIS_MAX = 253_402_300_799_999L;

    private Fields() {}

    public static String text(JsonNode body, String name) {
        JsonNode value = body.path(name);
        if (!value.isTextual()) {
            throw PerennialException.invalid(name, "text '" + name + "' is needed, got " + shown(value));
        }
        return value.asText();
    }

    public static String text(JsonNode body, String name, String byDefault) {
        return body.path(name).isMissingNode() || body.path(name).isNull() ? byDefault : text(body, name);
    }

    /** Milliseconds since 1970, up to the year 9999. */
    static long millis(JsonNode body, String name) {
        JsonNode value = body.path(name);
        if (!value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.asLong() < 0
                || value.asLong() > MILLIS_MAX) {
            throw PerennialException.invalid(
                    name, "'" + name + "', milliseconds since 1970, is needed, got " + shown(value));
        }
        return value.asLong();
    }

    static @Nullable Long millisOrNull(JsonNode body, String name) {
        return body.path(name).isMissingNode() || body.path(name).isNull() ? null : (Long) millis(body, name);
    }

    public static boolean flag(JsonNode body, String name) {
        JsonNode value = body.path(name);
        if (!value.isMissingNode() && !value.isNull() && !value.isBoolean()) {
            throw PerennialException.invalid(name, "'" + name + "' must be true or false, got " + shown(value));
        }
        return value.asBoolean();
    }

    static Path path(JsonNode body, String name) {
        String text = text(body, name);
        try {
            Path path = Path.of(text);
            if (path.isAbsolute() && path.getParent() != null) {
                return path;
            }
        } catch (InvalidPathException e) {
            // told below
        }
        throw PerennialException.invalid(
                name, "'" + name + "' must be the absolute path of a file, got '" + text + "'");
    }

    private static String shown(JsonNode value) {
        String text = value.isMissingNode() ? "nothing" : value.toString();
        return text.length() > 80 ? text.substring(0, 80) + "..." : text;
    }
}
