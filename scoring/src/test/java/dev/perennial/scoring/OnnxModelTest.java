package dev.perennial.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.perennial.kernel.PerennialException;
import dev.perennial.testkit.OnnxFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Graphs of columns: a sum of inputs through a sigmoid. */
class OnnxModelTest {
    @TempDir
    static Path natives;

    private final ModelLoader loader = new ModelLoader(natives);

    @Test
    void oneTensorForEachColumnIsScored() {
        Signature signature = new Signature(List.of(Column.number("a"), Column.number("b")));
        try (TabularModel model = loader.loadTabular(onnx(signature).toJson(), OnnxFiles.columns("a", "b"))) {
            assertThat(model.foreign()).isTrue();
            Row row = Row.of(signature, Map.of("a", 0.25, "b", 0.5));
            assertThat(model.score(row)).isCloseTo(1 / (1 + Math.exp(-0.75)), within(1e-6));
            assertThat(model.scoreAll(List.of(row, Row.of(signature, Map.of("a", 1, "b", -1))))[1])
                    .isCloseTo(0.5, within(1e-6));
            assertThatThrownBy(() -> model.score(new Row(2)))
                    .isInstanceOf(ModelFailure.class)
                    .hasMessageContaining("NaN");
        }
    }

    @Test
    void oneMatrixTakesCategoriesAsTheirCodes() {
        Signature signature = new Signature(List.of(Column.category("c")));
        ModelManifest manifest = ModelManifest.of(ModelManifest.ONNX, signature, Map.of("c", List.of("x", "y", "z")));
        try (TabularModel model = loader.loadTabular(manifest.toJson(), OnnxFiles.matrix())) {
            assertThat(model.score(Row.of(signature, Map.of("c", "z"))))
                    .isCloseTo(1 / (1 + Math.exp(-2)), within(1e-6));
        }
    }

    @Test
    void librariesAreUnpackedOnceAndUsedFromThere() throws Exception {
        Signature signature = new Signature(List.of(Column.number("a"), Column.number("b")));
        loader.load(onnx(signature), OnnxFiles.columns("a", "b")).close();
        Path folder = Path.of(System.getProperty("onnxruntime.native.path"));
        assertThat(folder).exists().hasFileName("onnxruntime-1.29.0-" + NativeLibraries.platform());
        assertThat(Files.readString(Path.of("/proc/self/maps"))).contains(folder.toString());
    }

    @Test
    void whatDoesNotFitTheSignatureIsRefused() {
        Signature signature = new Signature(List.of(Column.number("a"), Column.number("b")));
        Signature category = new Signature(List.of(Column.category("a"), Column.number("b")));
        refused(onnx(category), OnnxFiles.columns("a", "b"), "takes FLOAT");
        refused(onnx(signature), OnnxFiles.columns("a", "z"), "no input 'b'");
        refused(onnx(new Signature(List.of(Column.number("a")))), OnnxFiles.columns("a", "b"), "'b' is no column");
        refused(onnx(signature), "no protobuf".getBytes(StandardCharsets.UTF_8), "it is no ONNX file");
    }

    private void refused(ModelManifest manifest, byte[] file, String text) {
        assertThatThrownBy(() -> loader.load(manifest, file))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining(text);
    }

    private static ModelManifest onnx(Signature signature) {
        return ModelManifest.of(ModelManifest.ONNX, signature, Map.of());
    }
}
