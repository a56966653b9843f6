package dev.perennial.kernel;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/**
 * Names a model within its scope: {@code flight-delay} is the live model, {@code flight-delay@spring} the same model inside the replay
 * {@code spring}. Everything that a loop writes is keyed by this id, hence a replay can never touch what is live.
 */
public record ModelId(String name, String scope) implements Comparable<ModelId> {
    /** The scope of what is live. */
    public static final String LIVE = "";

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,62}");

    public ModelId {
        if (!named(name)) {
            throw PerennialException.invalid(
                    "model",
                    "model name '" + name
                            + "' must be 1 to 63 of a-z, 0-9, '-', '_', '.', starting with a letter or digit");
        }
        if (!scope.isEmpty() && !NAME.matcher(scope).matches()) {
            throw PerennialException.invalid(
                    "model", "replay name '" + scope + "' must be 1 to 63 of a-z, 0-9, '-', '_', '.'");
        }
    }

    private static boolean named(String name) {
        return NAME.matcher(name).matches() && !name.contains("..");
    }

    /** Whether a text is the id of a model, of a replay or not. */
    public static boolean possible(String text) {
        int at = text.indexOf('@');
        return at < 0
                ? named(text)
                : named(text.substring(0, at))
                        && NAME.matcher(text.substring(at + 1)).matches();
    }

    @JsonCreator
    public static ModelId parse(String text) {
        int at = text.indexOf('@');
        return at < 0 ? new ModelId(text, LIVE) : new ModelId(text.substring(0, at), text.substring(at + 1));
    }

    public boolean replayed() {
        return !scope.isEmpty();
    }

    @Override
    public int compareTo(ModelId other) {
        return toString().compareTo(other.toString());
    }

    @JsonValue
    @Override
    public String toString() {
        return scope.isEmpty() ? name : name + "@" + scope;
    }
}
