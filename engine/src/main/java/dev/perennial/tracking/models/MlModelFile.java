package dev.perennial.tracking.models;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the file {@code MLmodel} of a logged model says: written by the client, read as text, and nothing of the model is loaded.
 *
 * @param runId of the run that made it
 * @param created as the client wrote it
 * @param mlflowVersion of the client
 * @param flavors by name, each with its plain settings
 * @param inputs columns or tensors; empty without a signature
 * @param example path of the input example beside this file
 * @param sizeBytes of the model's files, as the client counted
 */
public record MlModelFile(
        Optional<String> runId,
        Optional<String> created,
        Optional<String> mlflowVersion,
        Map<String, Map<String, String>> flavors,
        List<Field> inputs,
        List<Field> outputs,
        Optional<String> example,
        Optional<Long> sizeBytes) {
    /** The name that clients give the file. */
    public static final String NAME = "MLmodel";

    private static final int FIELDS_MAX = 10_000;

    /**
     * A column of the signature, or a tensor.
     *
     * @param name null for a single tensor without one
     * @param type such as {@code double}, or of a tensor its elements' type and shape: {@code float64 [-1, 3]}
     */
    public record Field(@Nullable String name, String type, boolean required) {}

    public MlModelFile {
        flavors = Map.copyOf(flavors);
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /** Reads the text; one that is no such file, or larger or deeper than any should be, is refused with the reason. */
    public static MlModelFile parse(String text) {
        Map<?, ?> root = BoundedYaml.object(NAME, text);
        Map<?, ?> signature = map(root.get("signature"));
        return new MlModelFile(
                text(root.get("run_id")),
                text(root.get("utc_time_created")),
                text(root.get("mlflow_version")),
                flavors(root.get("flavors")),
                fields("inputs", signature.get("inputs")),
                fields("outputs", signature.get("outputs")),
                text(map(root.get("saved_input_example_info")).get("artifact_path")),
                root.get("model_size_bytes") instanceof Number size ? Optional.of(size.longValue()) : Optional.empty());
    }

    /** The JSON texts of the signature by {@code inputs}, {@code outputs} and {@code params}; those that are missing are left out. */
    public static Map<String, String> signatureTexts(String text) {
        Map<String, String> texts = new TreeMap<>();
        map(BoundedYaml.object(NAME, text).get("signature")).forEach((part, json) -> {
            if (json instanceof String said) {
                texts.put(String.valueOf(part), said);
            }
        });
        return texts;
    }

    private static Map<String, Map<String, String>> flavors(@Nullable Object value) {
        if (!(value instanceof Map<?, ?> flavors) || flavors.isEmpty()) {
            throw refused("it names no flavors");
        }
        Map<String, Map<String, String>> all = new TreeMap<>();
        flavors.forEach((name, settings) -> {
            Map<String, String> plain = new TreeMap<>();
            map(settings)
                    .forEach((key, setting) -> text(setting).ifPresent(said -> plain.put(String.valueOf(key), said)));
            all.put(String.valueOf(name), Map.copyOf(plain));
        });
        return all;
    }

    /** The signature is JSON within the YAML. */
    private static List<Field> fields(String place, @Nullable Object value) {
        if (!(value instanceof String text)) {
            return List.of();
        }
        JsonNode list;
        try {
            list = Json.parse(text);
        } catch (PerennialException e) {
            throw refused("its signature." + place + " is " + e.getMessage());
        }
        if (!list.isArray() || list.size() > FIELDS_MAX) {
            throw refused("its signature." + place + " is no list of at most " + FIELDS_MAX + " fields");
        }
        List<Field> fields = new ArrayList<>();
        for (JsonNode field : list) {
            fields.add(new Field(
                    field.hasNonNull("name") ? field.get("name").asText() : null,
                    type(field),
                    field.path("required").asBoolean(true)));
        }
        return fields;
    }

    private static String type(JsonNode field) {
        JsonNode tensor = field.path("tensor-spec");
        if (tensor.isObject()) {
            List<String> shape = new ArrayList<>();
            tensor.path("shape").forEach(size -> shape.add(size.asText()));
            return tensor.path("dtype").asText("?") + " " + shape;
        }
        return field.path("type").asText("?");
    }

    private static Map<?, ?> map(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }

    private static Optional<String> text(@Nullable Object value) {
        return value instanceof String || value instanceof Number || value instanceof Boolean
                ? Optional.of(String.valueOf(value))
                : Optional.empty();
    }

    private static PerennialException refused(String why) {
        return PerennialException.invalid(NAME, "the file " + NAME + " cannot be read: " + why);
    }
}
