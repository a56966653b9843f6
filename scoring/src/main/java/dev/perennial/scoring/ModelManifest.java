package dev.perennial.scoring;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.python.ModelFolder;
import dev.perennial.scoring.python.PythonSpec;
import dev.perennial.tensors.TensorSpec;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What stands in {@code model.perennial.json} beside every model file. Only format and signature are needed to score; members that this
 * version does not know are ignored, because a manifest may be younger than its reader. A model of tensors has no signature: it may list
 * its inputs and outputs instead.
 *
 * @param format {@code xgboost-json}, {@code xgboost-ubj}, {@code lightgbm-text}, {@code onnx}, {@code python} or {@code identity}
 * @param columns the signature: columns of a model that scores rows; null for a model of tensors
 * @param categories by category column the texts in the order of their codes; a text that is not in the list is an unseen category
 * @param prior share of positive labels in the training rows
 * @param inputExample a row by column name
 * @param outputExample the score of that row where it was trained; loading compares
 * @param parameters what the trainer was told
 * @param snapshot digest of the training data's manifest
 * @param trainedLabelKnownBy labels known by then were used, epoch millis
 * @param trainedDays first and last local day of the training rows
 * @param rows number of training rows
 * @param inputs tensors that a model of tensors takes; null when its file tells
 * @param outputs tensors that a model of tensors gives; null when its file tells
 * @param python what a model of format {@code python} needs; null for others
 * @param folder the files of a model of format {@code python}; null for others
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ModelManifest(
        String format,
        @JsonProperty("signature") @Nullable Signature columns,
        Map<String, List<String>> categories,
        @Nullable Double prior,
        @Nullable Map<String, @Nullable Object> inputExample,
        @Nullable Double outputExample,
        @Nullable Long seed,
        @Nullable Map<String, Object> parameters,
        @Nullable String snapshot,
        @Nullable Long trainedLabelKnownBy,
        @Nullable Days trainedDays,
        @Nullable Long rows,
        @Nullable List<TensorSpec> inputs,
        @Nullable List<TensorSpec> outputs,
        @Nullable PythonSpec python,
        @JsonProperty("files") @Nullable List<ModelFolder.Entry> folder) {
    public static final String XGBOOST_JSON = "xgboost-json";
    public static final String XGBOOST_UBJ = "xgboost-ubj";
    public static final String LIGHTGBM_TEXT = "lightgbm-text";
    public static final String ONNX = "onnx";

    /** Gives back the tensors that it takes; for conformance and for measuring what is not the model. */
    public static final String IDENTITY = "identity";

    /** A folder that MLflow wrote, run by a Python interpreter. */
    public static final String PYTHON = "python";

    private static final Set<String> OF_TENSORS = Set.of(ONNX, IDENTITY, PYTHON);
    private static final int TENSORS_MAX = 10_000;
    private static final int DIMENSIONS_MAX = 64;

    /** First and last day, ISO dates, both included. */
    public record Days(String first, String last) {}

    @SuppressWarnings("NullAway") // a JSON document may lack what the type demands: told by name here
    public ModelManifest {
        if (format == null) {
            throw missing("format");
        }
        if (columns == null && !OF_TENSORS.contains(format)) {
            throw missing("signature");
        }
        if (columns != null && (inputs != null || outputs != null)) {
            throw PerennialException.invalid(
                    "inputs",
                    "the model manifest has a signature of columns and a list of tensors; a model takes one or the other");
        }
        if (format.equals(PYTHON) && (python == null || folder == null)) {
            throw missing(python == null ? "python" : "files");
        }
        folder = folder == null ? null : new ModelFolder(folder).files();
        inputs = checked("inputs", inputs);
        outputs = checked("outputs", outputs);
        categories = categories == null ? Map.of() : Map.copyOf(categories);
        for (String column : categories.keySet()) {
            if (columns == null || columns.position(column) < 0) {
                throw PerennialException.invalid(
                        "categories",
                        "the model manifest lists categories of '" + column + "', which is no column of its signature");
            }
        }
    }

    /** A manifest with what scoring needs and nothing else. */
    public static ModelManifest of(String format, Signature signature, Map<String, List<String>> categories) {
        return new ModelManifest(
                format,
                signature,
                categories,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null);
    }

    /** A manifest of a model of tensors. */
    public static ModelManifest ofTensors(String format, List<TensorSpec> inputs, List<TensorSpec> outputs) {
        return new ModelManifest(
                format, null, Map.of(), null, null, null, null, null, null, null, null, null, inputs, outputs, null,
                null);
    }

    /**
     * A manifest of a model that Python runs: with a signature, or with inputs and outputs.
     *
     * @param files the folder of the model
     */
    public static ModelManifest ofPython(
            @Nullable Signature signature,
            @Nullable List<TensorSpec> inputs,
            @Nullable List<TensorSpec> outputs,
            PythonSpec python,
            List<ModelFolder.Entry> files) {
        return new ModelManifest(
                PYTHON, signature, Map.of(), null, null, null, null, null, null, null, null, null, inputs, outputs,
                python, files);
    }

    /** The files of a model that is a folder; none for others. */
    public List<ModelFolder.Entry> files() {
        return folder == null ? List.of() : folder;
    }

    /** This manifest with a row and the score that it shall have. */
    public ModelManifest withExample(Map<String, @Nullable Object> input, double output) {
        return new ModelManifest(
                format,
                columns,
                categories,
                prior,
                input,
                output,
                seed,
                parameters,
                snapshot,
                trainedLabelKnownBy,
                trainedDays,
                rows,
                inputs,
                outputs,
                python,
                folder);
    }

    /**
     * The columns of a model that scores rows.
     *
     * @throws PerennialException when it is a model of tensors
     */
    public Signature signature() {
        if (columns == null) {
            throw PerennialException.invalid(
                    "signature", "a model of format '" + format + "' without a signature takes tensors, not rows");
        }
        return columns;
    }

    /** @throws PerennialException naming what is missing or wrong */
    public static ModelManifest parse(byte[] json) {
        JsonNode tree = Json.parse(json);
        if (!tree.isObject()) {
            throw PerennialException.invalid("manifest", "the model manifest is no JSON object");
        }
        return Json.convert(tree, ModelManifest.class);
    }

    /** Canonical JSON: equal manifests have equal bytes. */
    public byte[] toJson() {
        return Json.canonical(this).getBytes(StandardCharsets.UTF_8);
    }

    @SuppressWarnings("NullAway") // as above
    private static @Nullable List<TensorSpec> checked(String member, @Nullable List<TensorSpec> specs) {
        if (specs == null) {
            return null;
        }
        if (specs.isEmpty() || specs.size() > TENSORS_MAX) {
            throw refused(member, specs.size() + " tensors; 1 to " + TENSORS_MAX + " are possible");
        }
        Set<String> names = new HashSet<>();
        for (TensorSpec spec : specs) {
            if (spec == null || spec.name() == null || spec.name().isBlank() || spec.type() == null) {
                throw refused(member, "a tensor without name or type");
            }
            if (!names.add(spec.name())) {
                throw refused(member, "tensor '" + spec.name() + "' twice");
            }
            if (spec.shape().size() > DIMENSIONS_MAX || spec.shape().stream().anyMatch(size -> size < -1)) {
                throw refused(
                        member,
                        "tensor '" + spec.name() + "' with the shape " + spec.shape()
                                + "; sizes are 0 and more, or -1 for any," + " of at most " + DIMENSIONS_MAX
                                + " dimensions");
            }
        }
        return List.copyOf(specs);
    }

    private static PerennialException refused(String member, String why) {
        return PerennialException.invalid(member, "the model manifest's '" + member + "' lists " + why);
    }

    private static PerennialException missing(String member) {
        return PerennialException.invalid(
                member, "the model manifest has no '" + member + "'; it needs at least format and signature");
    }
}
