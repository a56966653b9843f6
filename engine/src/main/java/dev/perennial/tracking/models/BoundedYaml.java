package dev.perennial.tracking.models;

import dev.perennial.kernel.PerennialException;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * YAML that somebody sent: one document of plain values, without tags, within limits. These are checked on the stream of events before any
 * tree is built, so that a hostile file costs no more than its length.
 */
final class BoundedYaml {
    static final int CHARACTERS_MAX = 1 << 20;
    private static final int DEPTH_MAX = 32;
    private static final int ALIASES_MAX = 20;

    private static final LoadSettings SETTINGS = LoadSettings.builder()
            .setAllowDuplicateKeys(false)
            .setAllowRecursiveKeys(false)
            .setCodePointLimit(2 * CHARACTERS_MAX)
            .setMaxAliasesForCollections(ALIASES_MAX)
            .build();

    private BoundedYaml() {}

    /**
     * The object that a text holds.
     *
     * @param name of the file, for refusals
     */
    static Map<?, ?> object(String name, String text) {
        if (text.length() > CHARACTERS_MAX) {
            throw refused(name, "it has " + text.length() + " characters, more than " + CHARACTERS_MAX);
        }
        try {
            check(name, text);
            if (new Load(SETTINGS).loadFromString(text) instanceof Map<?, ?> object) {
                return object;
            }
        } catch (YamlEngineException e) {
            throw PerennialException.invalid(
                    name,
                    "the file " + name + " cannot be read: not valid YAML: "
                            + String.valueOf(e.getMessage()).replaceAll("\\s+", " ").strip());
        }
        throw refused(name, "it is no object with keys");
    }

    private static void check(String name, String text) {
        int depth = 0;
        int aliases = 0;
        for (Event event : new Parse(SETTINGS).parseString(text)) {
            depth += event instanceof CollectionStartEvent ? 1 : event instanceof CollectionEndEvent ? -1 : 0;
            aliases += event instanceof AliasEvent ? 1 : 0;
            if (depth > DEPTH_MAX) {
                throw refused(name, "it is nested more than " + DEPTH_MAX + " deep");
            }
            if (aliases > ALIASES_MAX) {
                throw refused(name, "it has more than " + ALIASES_MAX + " aliases");
            }
            if (event instanceof NodeEvent && tagged(event)) {
                throw refused(name, "it has tags, which plain values need not");
            }
        }
    }

    private static boolean tagged(Event event) {
        return switch (event) {
            case CollectionStartEvent start -> start.getTag().isPresent();
            case ScalarEvent scalar -> scalar.getTag().isPresent();
            default -> false;
        };
    }

    private static PerennialException refused(String name, String why) {
        return PerennialException.invalid(name, "the file " + name + " cannot be read: " + why);
    }
}
