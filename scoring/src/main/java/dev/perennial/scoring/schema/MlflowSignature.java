package dev.perennial.scoring.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.predictionlog.ColumnType;
import dev.perennial.scoring.ModelSchema;
import dev.perennial.scoring.Signature;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What MLflow's file {@code MLmodel} says of a model's callers: columns or tensors, and parameters. Immutable.
 *
 * @param columns empty when the model takes tensors
 * @param tensors empty when the model takes columns
 */
public record MlflowSignature(List<ColumnSpec> columns, List<TensorField> tensors, List<ParamSpec> params) {
    private static final int FIELDS_MAX = Signature.COLUMNS_MAX;
    private static final int DEPTH_MAX = 16;

    public MlflowSignature {
        columns = List.copyOf(columns);
        tensors = List.copyOf(tensors);
        params = List.copyOf(params);
    }

    /** The signature of a model that has none of MLflow's: a number is a double, a category a string. */
    public static MlflowSignature of(Signature signature) {
        List<ColumnSpec> columns = signature.columns().stream()
                .map(column -> ColumnSpec.of(
                        column.name(),
                        column.type() == ColumnType.CATEGORY ? ScalarType.STRING : ScalarType.DOUBLE,
                        column.required()))
                .toList();
        return new MlflowSignature(columns, List.of(), List.of());
    }

    /** The signature of any other model: its tensors. */
    public static MlflowSignature of(ModelSchema schema) {
        if (schema.columns() != null) {
            return of(schema.columns());
        }
        List<TensorField> tensors = schema.inputs().stream()
                .map(spec -> new TensorField(spec.name(), TensorField.word(spec.type()), spec.shape()))
                .toList();
        return new MlflowSignature(List.of(), tensors, List.of());
    }

    /**
     * Reads the JSON texts of a signature.
     *
     * @param inputs a list of columns or of tensors; null when the model says nothing
     * @param params a list of parameters; null when there are none
     * @throws PerennialException naming what is wrong
     */
    public static MlflowSignature parse(@Nullable String inputs, @Nullable String params) {
        List<ColumnSpec> columns = new ArrayList<>();
        List<TensorField> tensors = new ArrayList<>();
        for (JsonNode field : list("inputs", inputs)) {
            if (field.path("type").asText().equals("tensor")) {
                tensors.add(tensor(field));
            } else {
                columns.add(new ColumnSpec(name(field), type(field, 0), required(field)));
            }
        }
        checkNames(columns, tensors);
        List<ParamSpec> read = new ArrayList<>();
        for (JsonNode field : list("params", params)) {
            read.add(param(field));
        }
        return new MlflowSignature(columns, tensors, read);
    }

    /** Whether columns are told by name and not by position. */
    public boolean named() {
        return columns.stream().allMatch(column -> column.name() != null);
    }

    private static void checkNames(List<ColumnSpec> columns, List<TensorField> tensors) {
        if (!columns.isEmpty() && !tensors.isEmpty()) {
            throw refused("it mixes columns and tensors");
        }
        List<@Nullable String> names = new ArrayList<>();
        columns.forEach(column -> names.add(column.name()));
        tensors.forEach(tensor -> names.add(tensor.name()));
        long unnamed = names.stream().filter(name -> name == null).count();
        if (unnamed > 0 && unnamed < names.size()) {
            throw refused("some inputs have names and some have none");
        }
        if (unnamed > 1 && !tensors.isEmpty()) {
            throw refused("several tensors need names");
        }
        if (unnamed > 0 && columns.stream().anyMatch(column -> !column.required())) {
            throw refused("an input without a name cannot be optional");
        }
        Set<@Nullable String> seen = new HashSet<>();
        names.stream()
                .filter(name -> name != null && !seen.add(name))
                .findFirst()
                .ifPresent(name -> {
                    throw refused("the input '" + name + "' stands twice");
                });
    }

    private static Iterable<JsonNode> list(String place, @Nullable String text) {
        if (text == null || text.isBlank()) {
            return List.of();
        }
        JsonNode list = Json.parse(text);
        if (list.isNull()) {
            return List.of();
        }
        if (!list.isArray() || list.size() > FIELDS_MAX) {
            throw refused("its " + place + " are no list of at most " + FIELDS_MAX + " fields");
        }
        for (JsonNode field : list) {
            if (!field.isObject()) {
                throw refused("its " + place + " hold " + Values.kind(field) + " where an object must stand");
            }
        }
        return list;
    }

    private static @Nullable String name(JsonNode field) {
        return field.hasNonNull("name") ? field.get("name").asText() : null;
    }

    /** Older files say {@code optional} instead. */
    private static boolean required(JsonNode field) {
        return field.path("required").asBoolean(!field.path("optional").asBoolean(false));
    }

    private static TensorField tensor(JsonNode field) {
        JsonNode spec = field.path("tensor-spec");
        if (!spec.path("dtype").isTextual() || !spec.path("shape").isArray()) {
            throw refused("a tensor without 'tensor-spec' of 'dtype' and 'shape'");
        }
        List<Long> shape = new ArrayList<>();
        for (JsonNode size : spec.get("shape")) {
            if (!size.canConvertToLong() || !size.isIntegralNumber() || size.asLong() < -1) {
                throw refused("a tensor of the shape " + spec.get("shape"));
            }
            shape.add(size.asLong());
        }
        return new TensorField(name(field), spec.get("dtype").asText(), shape);
    }

    private static FieldType type(JsonNode field, int depth) {
        if (depth > DEPTH_MAX) {
            throw refused("types are nested deeper than " + DEPTH_MAX);
        }
        String word = field.path("type").asText(field.path("dtype").asText());
        return switch (word) {
            case "array" -> new FieldType.ArrayOf(type(field.path("items"), depth + 1));
            case "map" -> new FieldType.MapOf(type(field.path("values"), depth + 1));
            case "object" -> object(field.path("properties"), depth);
            case "any" -> new FieldType.Anything();
            default ->
                new FieldType.Scalar(
                        ScalarType.of(word).orElseThrow(() -> refused("the type '" + word + "' is not supported")));
        };
    }

    private static FieldType object(JsonNode properties, int depth) {
        Map<String, FieldType.Property> read = new LinkedHashMap<>();
        properties
                .properties()
                .forEach(each -> read.put(
                        each.getKey(),
                        new FieldType.Property(type(each.getValue(), depth + 1), required(each.getValue()))));
        return new FieldType.ObjectOf(read);
    }

    private static ParamSpec param(JsonNode field) {
        String name = name(field);
        if (name == null) {
            throw refused("a parameter without a name");
        }
        JsonNode shape = field.path("shape");
        boolean list = shape.isArray() && shape.size() == 1 && shape.get(0).asInt() == -1;
        if (!list && !shape.isMissingNode() && !shape.isNull()) {
            throw refused("the parameter '" + name + "' has the shape " + shape + "; only null and [-1] are possible");
        }
        JsonNode byDefault = field.has("default") ? field.get("default") : NullNode.getInstance();
        return new ParamSpec(name, type(field, 0), byDefault, list);
    }

    static PerennialException refused(String why) {
        return PerennialException.invalid("signature", "the model's MLflow signature cannot be used: " + why);
    }
}
