package dev.perennial.worker.deploying;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.python.ModelFolder;
import dev.perennial.scoring.python.PyfuncManifest;
import dev.perennial.worker.StepFailure;
import dev.perennial.worker.StepHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes the manifest by which scorers load a version that MLflow's client logged. It reads texts and the first bytes of the model file;
 * nothing of the model is loaded or unpickled.
 *
 * <p>Parameters: {@code flavor}, {@code signature} (JSON texts of {@code inputs}, {@code outputs}, {@code params}); of a Python model also
 * {@code pythonVersion}, {@code minor} and {@code files}. Inputs: {@code model}, {@code example} when the version has one, {@code
 * requirements} of a Python model. Values: {@code format}; of a Python model also {@code python} and {@code requirements}, from which its
 * environment is built. Files: {@code manifest}.
 */
public final class BundleStep implements StepHandler {
    private static final String MANIFEST = "model.perennial.json";
    private static final long EXAMPLE_BYTES_MAX = 1 << 20;

    @Override
    public String kind() {
        return "bundle";
    }

    @Override
    public StepOutput run(StepInput input) throws IOException {
        input.progress().report(0, "reading what the version says of itself");
        JsonNode parameters = input.parameters();
        String flavor = parameters.path("flavor").asText();
        try {
            ObjectNode manifest = manifest(input, flavor);
            ObjectNode told = manifest.putObject("mlflow").put("flavor", flavor);
            told.set("signature", parameters.path("signature"));
            JsonNode example = example(input);
            if (example != null && example.toString().length() <= EXAMPLE_BYTES_MAX) {
                told.set("servingExample", LoggedExample.body(example));
            }
            ModelManifest.parse(Json.canonical(manifest).getBytes(StandardCharsets.UTF_8));
            Files.writeString(input.staging().resolve(MANIFEST), Json.canonical(manifest));
            return new StepOutput(values(manifest), Map.of("manifest", Path.of(MANIFEST)));
        } catch (PerennialException e) {
            throw new StepFailure(StepFailure.Kind.CONTRACT, "the version cannot be served: " + e.getMessage());
        }
    }

    private static ObjectNode manifest(StepInput input, String flavor) throws IOException {
        JsonNode signature = input.parameters().path("signature");
        LoggedSignature columns = LoggedSignature.parse(signature.path("inputs").asText(null));
        return switch (flavor) {
            case "xgboost" -> trees(input, XgboostFile.format(file(input, "model")), columns);
            case "lightgbm" -> trees(input, ModelManifest.LIGHTGBM_TEXT, columns);
            case "onnx" -> columns.tabular() ? rows(input, ModelManifest.ONNX, columns) : ofTensors();
            case "python_function" -> python(input, columns);
            default -> throw PerennialException.invalid("flavor", "flavor '" + flavor + "' is not known");
        };
    }

    private static ObjectNode python(StepInput input, LoggedSignature columns) throws IOException {
        JsonNode parameters = input.parameters();
        List<ModelFolder.Entry> files = new ArrayList<>();
        for (JsonNode file : parameters.path("files")) {
            files.add(new ModelFolder.Entry(
                    file.path("path").asText(),
                    new Digest(file.path("digest").asText()),
                    file.path("bytes").asLong()));
        }
        PyfuncManifest.Texts texts = new PyfuncManifest.Texts(
                parameters.at("/signature/inputs").textValue(),
                parameters.at("/signature/outputs").textValue(),
                parameters.path("pythonVersion").textValue(),
                Files.readString(file(input, "requirements")));
        ModelManifest made =
                PyfuncManifest.of(texts, files, parameters.path("minor").asBoolean());
        ObjectNode manifest = (ObjectNode) Json.parse(made.toJson());
        return manifest.has("signature") ? withExample(input, manifest, columns) : manifest;
    }

    /** What step {@code environment} needs to know of a Python model. */
    private static Map<String, JsonNode> values(ObjectNode manifest) {
        Map<String, JsonNode> values = new HashMap<>(Map.of("format", manifest.get("format")));
        JsonNode python = manifest.path("python");
        if (python.isObject()) {
            values.put("python", python.get("version"));
            values.put("requirements", python.get("requirements"));
        }
        return values;
    }

    private static ObjectNode ofTensors() {
        return Json.object().put("format", ModelManifest.ONNX);
    }

    private static ObjectNode trees(StepInput input, String format, LoggedSignature columns) throws IOException {
        if (!columns.tabular()) {
            throw PerennialException.invalid(
                    "signature",
                    "its trees need a signature of named columns; log it with input_example=DataFrame, or with"
                            + " infer_signature of one");
        }
        return rows(input, format, columns);
    }

    private static ObjectNode rows(StepInput input, String format, LoggedSignature columns) throws IOException {
        ObjectNode manifest = Json.object().put("format", format);
        manifest.set("signature", columns.columns());
        return withExample(input, manifest, columns);
    }

    private static ObjectNode withExample(StepInput input, ObjectNode manifest, LoggedSignature columns)
            throws IOException {
        JsonNode example = example(input);
        ObjectNode row = example == null ? null : LoggedExample.row(example, columns);
        if (row != null) {
            manifest.set("inputExample", row);
        }
        return manifest;
    }

    private static @Nullable JsonNode example(StepInput input) throws IOException {
        Path file = input.inputs().get("example");
        if (file == null || Files.size(file) > EXAMPLE_BYTES_MAX) {
            return null;
        }
        return Json.parse(Files.readAllBytes(file));
    }

    private static Path file(StepInput input, String name) {
        Path file = input.inputs().get(name);
        if (file == null) {
            throw new StepFailure(StepFailure.Kind.CONFIG, "the step has no input '" + name + "'");
        }
        return file;
    }
}
