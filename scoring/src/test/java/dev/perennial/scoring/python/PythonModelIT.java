package dev.perennial.scoring.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.Model;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.RunLimit;
import dev.perennial.scoring.TabularModel;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import dev.perennial.testkit.PythonModels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Models as MLflow saves them, run by a real interpreter, give what MLflow itself gives. */
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PythonModelIT {
    @TempDir
    static Path folder;

    private static final Map<String, TabularModel> LOADED = new HashMap<>();

    private static LoadedPython python;
    private static PythonModels models;

    @BeforeAll
    static void make() throws IOException, InterruptedException {
        models = PythonModels.make(
                folder.resolve("models"),
                "obedient",
                "line",
                "classes",
                "tensors",
                "texts",
                "frame",
                "wrong",
                "process",
                "broken",
                "unsigned");
        python = new LoadedPython(models, folder, LoadedPython.LIMITS);
    }

    @AfterAll
    static void unload() {
        LOADED.values().forEach(Model::close);
        LOADED.clear();
    }

    private static TabularModel rows(String model) throws IOException {
        TabularModel loaded = LOADED.get(model);
        if (loaded == null) {
            loaded = python.rows(model);
            LOADED.put(model, loaded);
        }
        return loaded;
    }

    private static Row row(TabularModel model, Double a, Long n, String c) {
        Map<String, Object> values = new HashMap<>();
        values.put("a", a);
        values.put("n", n);
        values.put("c", c);
        return Row.of(model.signature(), values);
    }

    private static byte[][] utf8(String... texts) {
        byte[][] bytes = new byte[texts.length][];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = texts[i].getBytes(StandardCharsets.UTF_8);
        }
        return bytes;
    }

    @Test
    void rowsScoreAsMlflowScoresThem() throws IOException {
        TabularModel model = rows("obedient");
        double[] scores = model.scoreAll(List.of(
                row(model, 1.5, 1L, "x"),
                row(model, -2.0, 2L, "y"),
                row(model, 0.25, 3L, "x"),
                row(model, 40.0, 4L, "other")));
        JsonNode predicted = models.told("obedient").path("predicted");
        for (int i = 0; i < scores.length; i++) {
            assertThat(scores[i]).isEqualTo(predicted.get(i).asDouble());
        }
        assertThat(model.score(row(model, 40.0, 4L, "other"))).isEqualTo(scores[3]);
        assertThat(model.foreign()).isTrue();
    }

    @Test
    void aTextMayBeMissingAndAnyTextComesThroughWhole() throws IOException {
        TabularModel model = rows("obedient");
        assertThat(model.scoreAll(List.of(
                        row(model, 0.0, 0L, null), row(model, 0.0, 0L, ""), row(model, 0.0, 0L, "zwölf\ud83d\ude00"))))
                .containsExactly(-0.1, 0, 0.6);
    }

    @Test
    void aWholeColumnTakesNoFractionAndNothingMissing() throws IOException {
        TabularModel model = rows("obedient");
        Row fraction = Row.of(model.signature(), Map.of("a", 1, "n", 1.5, "c", "x"));
        assertThatThrownBy(() -> model.score(fraction))
                .isInstanceOfSatisfying(
                        ModelFailure.class,
                        failure -> assertThat(failure.kind()).isEqualTo(ModelFailure.Kind.INPUT))
                .hasMessage("column 'n' is long and cannot be 1.5");
        Row missing = Row.of(model.signature(), Map.of("a", 1, "c", "x"));
        assertThatThrownBy(() -> model.score(missing))
                .isInstanceOf(ModelFailure.class)
                .hasMessage("column 'n' is long and cannot be missing");
        Row large = Row.of(model.signature(), Map.of("a", 1, "n", 1e19, "c", "x"));
        assertThatThrownBy(() -> model.score(large)).hasMessage("column 'n' is long and cannot be 1e+19");
    }

    @Test
    void aScikitLearnModelScoresAsMlflowScoresIt() throws IOException {
        TabularModel model = rows("line");
        JsonNode predicted = models.told("line").path("predicted");
        assertThat(model.score(Row.of(model.signature(), Map.of("a", 1.5, "n", 1))))
                .isCloseTo(predicted.get(0).asDouble(), within(1e-12));
        assertThat(model.score(Row.of(model.signature(), Map.of("a", 40, "n", 4))))
                .isCloseTo(predicted.get(3).asDouble(), within(1e-12));
    }

    @Test
    void probabilitiesOfClassesAreOneTensor() throws IOException {
        ModelManifest manifest = python.manifest("classes");
        assertThat(manifest.columns()).isNull();
        try (Model model = python.load(manifest)) {
            assertThat(model.schema().inputs().toString())
                    .contains("name=a, type=FP64")
                    .contains("name=n, type=INT64");
            ByteBuffer whole = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
            whole.putLong(1).putLong(2).flip();
            List<Tensor> outputs = model.run(
                    List.of(
                            Tensor.of("n", DataType.INT64, new long[] {2}, whole),
                            Tensor.doubles("a", new double[] {1.5, -2})),
                    RunLimit.NONE);
            assertThat(outputs).hasSize(1);
            assertThat(outputs.getFirst().shape()).containsExactly(2, 3);
            JsonNode predicted = models.told("classes").path("predicted");
            for (int i = 0; i < 6; i++) {
                assertThat(outputs.getFirst().number(i))
                        .isCloseTo(predicted.get(i / 3).get(i % 3).asDouble(), within(1e-12));
            }
        }
    }

    @Test
    void anArrayGoesInAndComesOut() throws IOException {
        try (Model model = python.load(python.manifest("tensors"))) {
            ByteBuffer raw = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < 6; i++) {
                raw.putDouble(i);
            }
            Tensor input =
                    Tensor.of(model.schema().inputs().getFirst().name(), DataType.FP64, new long[] {2, 3}, raw.flip());
            Tensor output = model.run(List.of(input), RunLimit.NONE).getFirst();
            assertThat(output.toString()).isEqualTo("output-1 FP32[2, 3]");
            for (int i = 0; i < 6; i++) {
                assertThat(output.number(i)).isEqualTo(2 * i);
            }
        }
    }

    @Test
    void datesTruthsAndBytesGoInAndTextsComeOut() throws IOException {
        try (Model model = python.load(python.manifest("texts"))) {
            List<Tensor> inputs = List.of(
                    Tensor.bytes("when", new long[] {2}, utf8("2024-02-29T12:00:00", "1970-01-01")),
                    Tensor.of("flag", DataType.BOOL, new long[] {2}, ByteBuffer.wrap(new byte[] {1, 0})),
                    Tensor.bytes("b", new long[] {2}, utf8("one", "")));
            Tensor output = model.run(inputs, RunLimit.NONE).getFirst();
            assertThat(output.text(0)).isEqualTo("2024-02-29T12:00:00 True one");
            assertThat(output.text(1)).isEqualTo("1970-01-01T00:00:00 False ");
            List<Tensor> noDate = List.of(
                    Tensor.bytes("when", new long[] {1}, utf8("soon")),
                    Tensor.of("flag", DataType.BOOL, new long[] {1}, ByteBuffer.wrap(new byte[] {1})),
                    Tensor.bytes("b", new long[] {1}, utf8("one")));
            assertThatThrownBy(() -> model.run(noDate, RunLimit.NONE))
                    .isInstanceOfSatisfying(
                            ModelFailure.class,
                            failure -> assertThat(failure.kind()).isEqualTo(ModelFailure.Kind.INPUT))
                    .hasMessageStartingWith("column 'when' holds no dates:");
        }
    }

    @Test
    void aFrameComesOutAsOneTensorForEachColumn() throws IOException {
        try (Model model = python.load(python.manifest("frame"))) {
            List<Tensor> outputs = model.run(List.of(Tensor.doubles("a", new double[] {1, 5})), RunLimit.NONE);
            assertThat(outputs).hasToString("[half FP64[2], label BYTES[2]]");
            assertThat(outputs.get(0).number(1)).isEqualTo(2.5);
            assertThat(outputs.get(1).text(1)).isEqualTo("r1");
        }
    }

    @Test
    void anAnswerOfAnotherLengthIsTheModelsFault() throws IOException {
        TabularModel model = rows("wrong");
        assertThatThrownBy(() -> model.score(Row.of(model.signature(), Map.of("a", 1))))
                .isInstanceOf(ModelFailure.class)
                .hasMessage("it gives 2 values where 1 rows were given");
    }

    @Test
    void aColumnThatNeedNotBeSentIsLeftOut() throws IOException {
        TabularModel model = rows("process");
        assertThat(model.signature().column(1).required()).isFalse();
        assertThat(model.score(Row.of(model.signature(), Map.of("a", 1)))).isPositive();
    }

    @Test
    void aBrokenPickleIsRefusedWithItsReason() throws IOException {
        ModelManifest manifest = python.manifest("broken");
        assertThatThrownBy(() -> python.load(manifest))
                .isInstanceOf(PerennialException.class)
                .hasMessageStartingWith("Python cannot load the model: ")
                .hasMessageNotContaining("Traceback")
                .hasMessageNotContaining("\n");
    }

    @Test
    void aModelWithoutSignatureIsRefused() {
        assertThatThrownBy(() -> python.manifest("unsigned"))
                .hasMessage("the MLflow model cannot be served: it has no signature; log it with 'signature' or"
                        + " 'input_example'");
    }

    @Test
    void anExampleThatScoresOtherwiseIsRefused() throws IOException {
        ModelManifest manifest = python.manifest("obedient").withExample(Map.of("a", 1, "n", 1, "c", "x"), 3.1);
        python.load(manifest).close();
        ModelManifest other = python.manifest("obedient").withExample(Map.of("a", 1, "n", 1, "c", "x"), 4.1);
        assertThatThrownBy(() -> python.load(other)).hasMessageContaining("the model scores its own input example 3.1");
    }

    @Test
    void theManifestComesBackFromItsJson() throws IOException {
        ModelManifest manifest = python.manifest("obedient");
        ModelManifest again = ModelManifest.parse(manifest.toJson());
        assertThat(again).isEqualTo(manifest);
        assertThat(again.files()).isNotEmpty();
        assertThat(new String(manifest.toJson(), StandardCharsets.UTF_8))
                .contains("\"files\":[{\"bytes\":")
                .contains("\"types\":{\"a\":\"double\",\"c\":\"string\",\"n\":\"long\"}")
                .contains("\"requirements\":[\"mlflow==3.11.1\"]")
                .doesNotContain("folder");
    }

    @Test
    void theFolderOfAModelGoesWithIt() throws IOException {
        List<String> before = loaded();
        Model model = python.load(python.manifest("wrong"));
        assertThat(loaded()).hasSize(before.size() + 1);
        model.close();
        assertThat(loaded()).isEqualTo(before);
    }

    @Test
    void aBlobThatHoldsSomethingElseIsRefused() throws IOException {
        ModelManifest manifest = python.manifest("wrong");
        String digest = manifest.files().getFirst().digest().hex();
        Path blob = folder.resolve("blobs").resolve(digest.substring(0, 2)).resolve(digest.substring(2));
        byte[] before = Files.readAllBytes(blob);
        List<String> folders = loaded();
        try {
            Files.writeString(blob, "something else");
            assertThatThrownBy(() -> python.load(manifest)).hasMessageContaining("does not hold what its name says");
            Files.delete(blob);
            assertThatThrownBy(() -> python.load(manifest))
                    .hasMessageContaining(
                            "the file '" + manifest.files().getFirst().path() + "' of the model, is not in");
        } finally {
            Files.write(blob, before);
        }
        assertThat(loaded()).isEqualTo(folders);
    }

    private static List<String> loaded() throws IOException {
        try (var all = Files.list(python.work())) {
            return all.filter(Files::isDirectory)
                    .map(path -> path.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }
}
