package dev.perennial.worker.deploying;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.worker.StepFailure;
import dev.perennial.worker.StepHandler.StepInput;
import dev.perennial.worker.StepHandler.StepOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of what MLflow's client says of a model. */
class BundleStepTest {
    private static final String COLUMNS = "[{\"type\":\"double\",\"name\":\"petal\"},"
            + "{\"type\":\"long\",\"name\":\"leaves\",\"required\":false},"
            + "{\"type\":\"boolean\",\"name\":\"wet\"},{\"type\":\"string\",\"name\":\"soil\"}]";
    private static final String NUMBERS =
            "[{\"type\":\"double\",\"name\":\"petal\"},{\"type\":\"long\",\"name\":\"leaves\"}]";
    private static final String SPLIT = "{\"dataframe_split\":{\"columns\":[\"soil\",\"petal\",\"leaves\",\"wet\"],"
            + "\"data\":[[\"clay\",1.5,3,true],[\"sand\",2.5,4,false]]}}";

    @TempDir
    Path folder;

    private JsonNode bundled(String flavor, String inputs, String model, String example) throws IOException {
        ObjectNode parameters = Json.object().put("flavor", flavor);
        ObjectNode signature = parameters.putObject("signature");
        if (inputs != null) {
            signature.put("inputs", inputs);
        }
        Map<String, Path> files = new HashMap<>();
        files.put("model", Files.writeString(folder.resolve("model"), model));
        if (example != null) {
            files.put("example", Files.writeString(folder.resolve("example"), example));
        }
        StepOutput output = new BundleStep().run(new StepInput(parameters, files, folder, (share, line) -> {}));
        return Json.parse(Files.readString(folder.resolve(output.files().get("manifest"))));
    }

    private StepOutput python(String outputs, String version, String requirements) throws IOException {
        ObjectNode parameters = Json.object().put("flavor", "python_function").put("minor", true);
        parameters.put("pythonVersion", version);
        parameters.putObject("signature").put("inputs", NUMBERS).put("outputs", outputs);
        parameters
                .putArray("files")
                .addObject()
                .put("path", "MLmodel")
                .put("digest", "a".repeat(64))
                .put("bytes", 12);
        Map<String, Path> files = Map.of(
                "model", Files.writeString(folder.resolve("model"), "flavors:"),
                "requirements", Files.writeString(folder.resolve("requirements"), requirements));
        return new BundleStep().run(new StepInput(parameters, files, folder, (share, line) -> {}));
    }

    @Test
    void aPythonModelNamesWhatItsEnvironmentIsBuiltFrom() throws IOException {
        StepOutput output = python("[{\"type\":\"double\"}]", "3.11.7", "mlflow==3.11.1\n# a note\nnumpy<3\n");
        assertThat(output.values().get("python")).hasToString("\"3.11.7\"");
        assertThat(output.values().get("requirements")).hasToString("[\"mlflow==3.11.1\",\"numpy<3\"]");
        ModelManifest manifest = ModelManifest.parse(
                Files.readAllBytes(folder.resolve(output.files().get("manifest"))));
        assertThat(manifest.signature().column(1).declared()).isEqualTo("long");
        assertThat(manifest.python().minor()).isTrue();
        assertThat(manifest.files()).hasSize(1);
    }

    @Test
    void aPythonModelOfSeveralOutputsTakesTensors() throws IOException {
        StepOutput output = python(
                "[{\"type\":\"double\",\"name\":\"low\"},{\"type\":\"double\",\"name\":\"high\"}]",
                "3.11.7",
                "mlflow==3.11.1\n");
        ModelManifest manifest = ModelManifest.parse(
                Files.readAllBytes(folder.resolve(output.files().get("manifest"))));
        assertThat(manifest.outputs()).extracting(spec -> spec.name()).containsExactly("low", "high");
    }

    @Test
    void aPythonModelWithoutAVersionOfPythonIsRefused() {
        assertThatThrownBy(() -> python("[{\"type\":\"double\"}]", null, "mlflow==3.11.1\n"))
                .isInstanceOf(StepFailure.class)
                .hasMessageContaining("python_version");
    }

    @Test
    void columnsKeepTheWordsOfTheSignature() throws IOException {
        JsonNode manifest = bundled("xgboost", COLUMNS, "{\"learner\"", null);
        assertThat(manifest.path("format").asText()).isEqualTo("xgboost-json");
        assertThat(manifest.path("signature"))
                .extracting(JsonNode::toString)
                .containsExactly(
                        "{\"declared\":\"double\",\"name\":\"petal\",\"required\":true,\"type\":\"number\"}",
                        "{\"declared\":\"long\",\"name\":\"leaves\",\"required\":false,\"type\":\"number\"}",
                        "{\"declared\":\"boolean\",\"name\":\"wet\",\"required\":true,\"type\":\"number\"}",
                        "{\"declared\":\"string\",\"name\":\"soil\",\"required\":true,\"type\":\"category\"}");
        ModelManifest read =
                ModelManifest.parse(Json.canonical(manifest).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(read.signature().column(1).declared()).isEqualTo("long");
    }

    @Test
    void theExampleOfTheModelIsItsFirstRow() throws IOException {
        JsonNode manifest = bundled("lightgbm", COLUMNS, "tree", SPLIT);
        assertThat(manifest.path("inputExample"))
                .hasToString("{\"leaves\":3,\"petal\":1.5,\"soil\":\"clay\",\"wet\":1}");
        assertThat(manifest.at("/mlflow/servingExample")).isEqualTo(Json.parse(SPLIT));
        assertThat(manifest.has("outputExample")).isFalse();
    }

    @Test
    void olderClientsKeptTheBareDataFrame() throws IOException {
        String bare = "{\"columns\":[\"petal\",\"leaves\",\"wet\",\"soil\"],\"data\":[[1,null,false,\"x\"]]}";
        JsonNode manifest = bundled("lightgbm", COLUMNS, "tree", bare);
        assertThat(manifest.path("inputExample").path("leaves").isNull()).isTrue();
        assertThat(manifest.at("/mlflow/servingExample/dataframe_split")).isEqualTo(Json.parse(bare));
    }

    @Test
    void anExampleOfOtherColumnsIsNoExample() throws IOException {
        JsonNode manifest = bundled("lightgbm", COLUMNS, "tree", "{\"inputs\":[[1,2]]}");
        assertThat(manifest.has("inputExample")).isFalse();
        assertThat(bundled("lightgbm", COLUMNS, "tree", "{\"dataframe_records\":[{\"petal\":\"much\"}]}")
                        .has("inputExample"))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"learner | xgboost-json
                    { "learner | xgboost-json
                    {L | xgboost-ubj
                    {i | xgboost-ubj
                    """)
    void formsOfXgboostAreToldByTheirBytes(String head, String format) throws IOException {
        assertThat(bundled("xgboost", COLUMNS, head, null).path("format").asText())
                .isEqualTo(format);
    }

    @ParameterizedTest
    @CsvSource({"binf rest", "''", "{"})
    void otherFormsAreRefusedWithTheWayOut(String head) {
        assertThatThrownBy(() -> bundled("xgboost", COLUMNS, head, null))
                .isInstanceOfSatisfying(
                        StepFailure.class, failure -> assertThat(failure.kind()).isEqualTo(StepFailure.Kind.CONTRACT))
                .hasMessageContaining("neither JSON nor UBJSON")
                .hasMessageContaining("model_format='json'");
    }

    @Test
    void treesNeedColumnsWithNames() {
        String tensor = "[{\"type\":\"tensor\",\"tensor-spec\":{\"dtype\":\"float64\",\"shape\":[-1,4]}}]";
        for (String inputs : new String[] {null, tensor, "[{\"type\":\"double\"}]"}) {
            assertThatThrownBy(() -> bundled("lightgbm", inputs, "tree", null))
                    .hasMessageContaining("need a signature of named columns");
        }
    }

    @ParameterizedTest
    @CsvSource({"datetime", "binary"})
    void columnsThatNoRowCanHoldAreNamed(String type) {
        String inputs = "[{\"type\":\"" + type + "\",\"name\":\"when\"}]";
        assertThatThrownBy(() -> bundled("lightgbm", inputs, "tree", null))
                .hasMessageContaining("column 'when' is " + type);
    }

    @Test
    void anOnnxGraphWithoutColumnsTakesTensors() throws IOException {
        JsonNode manifest = bundled("onnx", null, "graph", "{\"inputs\":[[1.0]]}");
        assertThat(manifest.path("format").asText()).isEqualTo("onnx");
        assertThat(manifest.has("signature")).isFalse();
        assertThat(manifest.at("/mlflow/servingExample/inputs").isArray()).isTrue();
    }

    @Test
    void whatIsNoSignatureIsTheVersionsFault() {
        assertThatThrownBy(() -> bundled("onnx", "[{\"type\":\"dragon\",\"name\":\"x\"}]", "graph", null))
                .isInstanceOf(StepFailure.class)
                .hasMessageContaining("the type 'dragon' is not supported");
    }
}
