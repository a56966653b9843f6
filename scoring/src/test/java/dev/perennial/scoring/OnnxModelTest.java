package dev.perennial.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.perennial.kernel.PerennialException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Graphs are written here byte by byte: a sum of inputs through a sigmoid. */
class OnnxModelTest {
    private static final int FLOAT = 1;

    @TempDir
    static Path natives;

    private final ModelLoader loader = new ModelLoader(natives);

    @Test
    void oneTensorForEachColumnIsScored() {
        Signature signature = new Signature(List.of(Column.number("a"), Column.number("b")));
        try (TabularModel model = loader.loadTabular(onnx(signature).toJson(), columns(FLOAT, "a", "b"))) {
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
        try (TabularModel model = loader.loadTabular(manifest.toJson(), matrix())) {
            assertThat(model.score(Row.of(signature, Map.of("c", "z"))))
                    .isCloseTo(1 / (1 + Math.exp(-2)), within(1e-6));
        }
    }

    @Test
    void librariesAreUnpackedOnceAndUsedFromThere() throws Exception {
        Signature signature = new Signature(List.of(Column.number("a"), Column.number("b")));
        loader.load(onnx(signature), columns(FLOAT, "a", "b")).close();
        Path folder = Path.of(System.getProperty("onnxruntime.native.path"));
        assertThat(folder).exists().hasFileName("onnxruntime-1.29.0-" + NativeLibraries.platform());
        assertThat(Files.readString(Path.of("/proc/self/maps"))).contains(folder.toString());
    }

    @Test
    void whatDoesNotFitTheSignatureIsRefused() {
        Signature signature = new Signature(List.of(Column.number("a"), Column.number("b")));
        Signature category = new Signature(List.of(Column.category("a"), Column.number("b")));
        refused(onnx(category), columns(FLOAT, "a", "b"), "takes FLOAT");
        refused(onnx(signature), columns(FLOAT, "a", "z"), "no input 'b'");
        refused(onnx(new Signature(List.of(Column.number("a")))), columns(FLOAT, "a", "b"), "'b' is no column");
        refused(onnx(signature), "no protobuf".getBytes(StandardCharsets.UTF_8), "ONNX Runtime says");
    }

    private void refused(ModelManifest manifest, byte[] file, String text) {
        assertThatThrownBy(() -> loader.load(manifest, file))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining(text);
    }

    private static ModelManifest onnx(Signature signature) {
        return ModelManifest.of(ModelManifest.ONNX, signature, Map.of());
    }

    /** {@code Sigmoid(a + b)} with inputs of shape [n,1]. */
    private static byte[] columns(int type, String a, String b) {
        Proto graph = new Proto()
                .message(1, node("Add", List.of(a, b), "sum"))
                .message(1, node("Sigmoid", List.of("sum"), "probability"))
                .text(2, "g")
                .message(11, value(a, type, 1))
                .message(11, value(b, type, 1))
                .message(12, value("probability", FLOAT, 1));
        return model(graph);
    }

    private static byte[] matrix() {
        return model(new Proto()
                .message(1, node("Sigmoid", List.of("input"), "probability"))
                .text(2, "g")
                .message(11, value("input", FLOAT, 1))
                .message(12, value("probability", FLOAT, 1)));
    }

    private static byte[] model(Proto graph) {
        return new Proto()
                .number(1, 8)
                .message(7, graph)
                .message(8, new Proto().number(2, 13))
                .bytes();
    }

    private static Proto node(String operator, List<String> inputs, String output) {
        Proto node = new Proto();
        inputs.forEach(input -> node.text(1, input));
        return node.text(2, output).text(4, operator);
    }

    private static Proto value(String name, int type, int width) {
        Proto shape = new Proto().message(1, new Proto().text(2, "n")).message(1, new Proto().number(1, width));
        return new Proto()
                .text(1, name)
                .message(2, new Proto().message(1, new Proto().number(1, type).message(2, shape)));
    }

    /** Writes protobuf fields. */
    private static final class Proto {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Proto number(int field, long value) {
            varint((long) field << 3);
            varint(value);
            return this;
        }

        Proto text(int field, String text) {
            return raw(field, text.getBytes(StandardCharsets.UTF_8));
        }

        Proto message(int field, Proto message) {
            return raw(field, message.bytes());
        }

        byte[] bytes() {
            return out.toByteArray();
        }

        private Proto raw(int field, byte[] bytes) {
            varint((long) field << 3 | 2);
            varint(bytes.length);
            out.writeBytes(bytes);
            return this;
        }

        private void varint(long value) {
            long rest = value;
            while (rest > 0x7f) {
                out.write((int) (rest & 0x7f) | 0x80);
                rest >>>= 7;
            }
            out.write((int) rest);
        }
    }
}
