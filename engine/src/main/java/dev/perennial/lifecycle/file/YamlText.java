package dev.perennial.lifecycle.file;

import java.util.Iterator;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * Turns text into a tree of nodes, within limits: one document, no tags, bounded size, depth and aliases. The limits are checked on the
 * stream of events before any tree is built, so that a hostile file costs no more than its length.
 */
final class YamlText {
    static final int CHARACTERS_MAX = 1 << 20;
    static final int DEPTH_MAX = 32;
    static final int ALIASES_MAX = 20;

    private static final LoadSettings SETTINGS = LoadSettings.builder()
            .setAllowDuplicateKeys(true) // Section tells duplicates with their place, and all of them
            .setAllowNonScalarKeys(true) // told by Section too
            .setCodePointLimit(2 * CHARACTERS_MAX)
            .setMaxAliasesForCollections(ALIASES_MAX)
            .build();

    private final Problems problems;

    YamlText(Problems problems) {
        this.problems = problems;
    }

    /** The root node, or empty when a problem was told. */
    Optional<Node> root(String text) {
        if (text.length() > CHARACTERS_MAX) {
            problems.add(
                    Place.START,
                    "the file has " + text.length() + " characters, more than " + CHARACTERS_MAX,
                    "a lifecycle file describes one model; keep data in files of their own");
            return Optional.empty();
        }
        try {
            if (!withinLimits(text)) {
                return Optional.empty();
            }
            Optional<Node> root = new Compose(SETTINGS).composeString(text);
            if (root.isEmpty()) {
                problems.add(Place.START, "the file is empty", "start from examples/flight-delay/lifecycle.yaml");
            }
            return root;
        } catch (MarkedYamlEngineException e) {
            String what = e.getProblem() == null ? "the text is no YAML" : e.getProblem();
            problems.add(
                    at(e.getProblemMark().or(e::getContextMark)),
                    "not valid YAML: " + oneLine(what),
                    "check indentation, brackets, quotes and ':' just before this place");
        } catch (YamlEngineException e) {
            problems.add(
                    Place.START,
                    "not valid YAML: " + oneLine(String.valueOf(e.getMessage())),
                    "save the file as UTF-8 text");
        }
        return Optional.empty();
    }

    private boolean withinLimits(String text) {
        int depth = 0;
        int aliases = 0;
        int documents = 0;
        Iterator<Event> events = new Parse(SETTINGS).parseString(text).iterator();
        while (events.hasNext()) {
            Event event = events.next();
            switch (event) {
                case CollectionStartEvent start -> {
                    if (++depth > DEPTH_MAX) {
                        return refuse(
                                event,
                                "nested more than " + DEPTH_MAX + " deep",
                                "no lifecycle file needs that; close brackets");
                    }
                    if (start.getTag().isPresent()) {
                        return refuse(
                                event,
                                "the tag '" + start.getTag().get() + "' is not allowed",
                                "write the plain value without a tag");
                    }
                }
                case CollectionEndEvent end -> depth--;
                case ScalarEvent scalar -> {
                    if (scalar.getTag().isPresent()) {
                        return refuse(
                                event,
                                "the tag '" + scalar.getTag().get() + "' is not allowed",
                                "write the plain value without a tag");
                    }
                }
                case AliasEvent alias -> {
                    if (++aliases > ALIASES_MAX) {
                        return refuse(event, "more than " + ALIASES_MAX + " aliases (*name)", "write the values out");
                    }
                }
                case DocumentStartEvent start -> {
                    if (++documents > 1) {
                        return refuse(
                                event,
                                "a second document starts here",
                                "keep one model in one file and remove the line '---'");
                    }
                }
                default -> {
                    // stream and document marks need no check
                }
            }
        }
        return true;
    }

    private boolean refuse(Event event, String message, String advice) {
        problems.add(at(event.getStartMark()), message, advice);
        return false;
    }

    private static Place at(Optional<Mark> mark) {
        return mark.map(m -> new Place(m.getLine() + 1, m.getColumn() + 1, "")).orElse(Place.START);
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s+", " ").strip();
    }
}
