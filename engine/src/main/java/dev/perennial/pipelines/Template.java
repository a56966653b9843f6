package dev.perennial.pipelines;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Fills templates of parameters and inputs. No expressions: a reference is an object with one key that starts with a dollar sign. */
final class Template {
    static final String PARAM = "$param";
    static final String VALUE = "$value";
    static final String FILE = "$file";
    static final String FILES = "$files";

    /** What the steps of a run made so far. */
    interface Outputs {
        Map<String, JsonNode> values(String step);

        Map<String, Digest> files(String step);
    }

    private final JsonNode parameters;
    private final Outputs outputs;

    Template(JsonNode parameters, Outputs outputs) {
        this.parameters = parameters;
        this.outputs = outputs;
    }

    /** The steps that a template refers to. */
    static Set<String> steps(JsonNode template) {
        Set<String> found = new TreeSet<>();
        collect(template, found);
        return found;
    }

    private static void collect(JsonNode node, Set<String> found) {
        if (node.size() == 1 && node.has(FILES)) {
            found.add(node.get(FILES).asText());
        } else if (node.size() == 1 && (node.has(VALUE) || node.has(FILE))) {
            found.add(step(node.elements().next().asText()));
        } else {
            node.forEach(child -> collect(child, found));
        }
    }

    JsonNode fill(JsonNode node) {
        if (node instanceof ObjectNode object) {
            return object.size() == 1 ? one(object) : every(object);
        }
        if (node instanceof ArrayNode array) {
            ArrayNode filled = Json.array();
            array.forEach(item -> filled.add(fill(item)));
            return filled;
        }
        return node;
    }

    /** The files that the input templates name, by name. */
    Map<String, Digest> inputs(Map<String, JsonNode> templates) {
        Map<String, Digest> result = new TreeMap<>();
        templates.forEach((name, template) -> {
            JsonNode filled = fill(template);
            if (filled.isTextual()) {
                result.put(name, new Digest(filled.asText()));
            } else if (filled.isObject()) {
                filled.properties()
                        .forEach(e -> result.put(
                                name + "/" + e.getKey(), new Digest(e.getValue().asText())));
            } else if (!filled.isNull()) {
                throw PerennialException.invalid(
                        name,
                        "input '" + name + "' is " + filled + "; expected a digest, an object of digests or null");
            }
        });
        return result;
    }

    private JsonNode one(ObjectNode object) {
        Map.Entry<String, JsonNode> only = object.properties().iterator().next();
        String text = only.getValue().asText();
        return switch (only.getKey()) {
            case PARAM -> present(parameters.get(text), "the run has no parameter '" + text + "'");
            case VALUE ->
                present(
                        outputs.values(step(text)).get(name(text)),
                        "step '" + step(text) + "' made no value '" + name(text) + "'");
            case FILE -> {
                Digest digest = outputs.files(step(text)).get(name(text));
                yield present(
                        digest == null ? null : Json.tree(digest.hex()),
                        "step '" + step(text) + "' made no file '" + name(text) + "'");
            }
            case FILES -> {
                ObjectNode digests = Json.object();
                outputs.files(text).forEach((name, digest) -> digests.put(name, digest.hex()));
                yield digests;
            }
            default -> every(object);
        };
    }

    private ObjectNode every(ObjectNode object) {
        ObjectNode filled = Json.object();
        object.properties().forEach(e -> filled.set(e.getKey(), fill(e.getValue())));
        return filled;
    }

    private static JsonNode present(@Nullable JsonNode node, String otherwise) {
        if (node == null) {
            throw PerennialException.invalid("parameters", otherwise + "; correct the pipeline's template");
        }
        return node;
    }

    private static String step(String reference) {
        int slash = reference.indexOf('/');
        return slash < 0 ? reference : reference.substring(0, slash);
    }

    private static String name(String reference) {
        return reference.substring(reference.indexOf('/') + 1);
    }
}
