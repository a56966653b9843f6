package dev.perennial.lifecycle.file;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * A mapping of the file. Making one tells unknown and repeated keys; asking for a key that must be there and is not tells that. A section
 * that is absent or no mapping answers every question with an absent value and tells nothing more.
 */
final class Section {
    /** One entry of a mapping whose keys are free. */
    record Entry(String name, Value value) {}

    private final Problems problems;
    private final Place place;
    private final @Nullable Keys keys;
    private final @Nullable Map<String, Value> values;
    private final Set<String> misspelt;

    private Section(
            Problems problems,
            Place place,
            @Nullable Keys keys,
            @Nullable Map<String, Value> values,
            Set<String> misspelt) {
        this.problems = problems;
        this.place = place;
        this.keys = keys;
        this.values = values;
        this.misspelt = misspelt;
    }

    static Section absent(Problems problems, Place place) {
        return new Section(problems, place, null, null, Set.of());
    }

    /**
     * @param keyPlace where the section's own key stands: what is missing inside is told there
     * @param keys null when the keys are free
     */
    static Section of(Problems problems, Node node, Place keyPlace, @Nullable Keys keys, String example) {
        if (!(node instanceof MappingNode mapping)) {
            problems.add(
                    Place.of(node, keyPlace.field()),
                    Value.describe(node) + " where keys with values are expected",
                    "write " + example);
            return absent(problems, keyPlace);
        }
        Map<String, Value> values = new LinkedHashMap<>();
        Set<String> misspelt = new HashSet<>();
        for (NodeTuple tuple : mapping.getValue()) {
            Node keyNode = tuple.getKeyNode();
            if (!(keyNode instanceof ScalarNode scalar)) {
                problems.add(Place.of(keyNode, keyPlace.field()), "a key must be a plain name", "write " + example);
                continue;
            }
            String key = scalar.getValue();
            Place place = keyPlace.child(keyNode, key);
            if (keys != null && !keys.has(key)) {
                problems.add(place, "unknown key '" + key + "'", Nearest.advice(key, keys.names()));
                Nearest.of(key, keys.names()).ifPresent(misspelt::add);
            } else if (values.containsKey(key)) {
                problems.add(place, "the key '" + key + "' stands here a second time", "keep one of the two");
            } else {
                String line = keys == null ? key + ": ..." : keys.example(key);
                values.put(key, new Value(problems, tuple.getValueNode(), place, line));
            }
        }
        return new Section(problems, keyPlace, keys, values, misspelt);
    }

    Place place() {
        return place;
    }

    /** Whether the section was there at all. */
    boolean present() {
        return values != null;
    }

    boolean has(String key) {
        return values != null && values.containsKey(key);
    }

    /** A value that may be absent. */
    Value get(String key) {
        Value value = values == null ? null : values.get(key);
        return value == null ? new Value(problems, null, place.missing(key), key) : value;
    }

    /** A value that must be there. */
    Value need(String key) {
        if (values != null && !values.containsKey(key) && !misspelt.contains(key)) {
            problems.add(
                    place.missing(key), "'" + key + "' is missing", "add " + (keys == null ? key : keys.example(key)));
        }
        return get(key);
    }

    /** Tells when not exactly one of the keys is there; gives the one that is, or null. */
    @Nullable
    String exactlyOne(List<String> alternatives) {
        List<String> found = values == null
                ? List.of()
                : values.keySet().stream().filter(alternatives::contains).toList();
        if (found.size() == 1) {
            return found.getFirst();
        }
        if (values != null && alternatives.stream().noneMatch(misspelt::contains)) {
            Place at = found.isEmpty() ? place : get(found.get(1)).keyPlace();
            problems.add(
                    at,
                    found.isEmpty()
                            ? "one of " + alternatives + " is missing"
                            : "only one of " + found + " can be true here",
                    "keep exactly one of " + String.join(", ", alternatives));
        }
        return null;
    }

    /** Entries of a mapping with free keys, in file order. */
    List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        if (values != null) {
            values.forEach((name, value) -> entries.add(new Entry(name, value)));
        }
        return entries;
    }
}
