package dev.perennial.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.PerennialException;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import dev.perennial.tensors.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class IdentityModelTest {
    private final ModelLoader loader = new ModelLoader(Path.of("unused"));

    private Model load(List<TensorSpec> inputs, List<TensorSpec> outputs) {
        byte[] manifest =
                ModelManifest.ofTensors(ModelManifest.IDENTITY, inputs, outputs).toJson();
        return loader.load(manifest, new byte[0]);
    }

    private Model pair() {
        return load(
                List.of(spec("a", DataType.FP32, -1, 2), spec("b", DataType.BYTES, -1)),
                List.of(spec("x", DataType.FP32, -1, 2), spec("y", DataType.BYTES, -1)));
    }

    private static TensorSpec spec(String name, DataType type, long... shape) {
        return new TensorSpec(name, type, java.util.Arrays.stream(shape).boxed().toList());
    }

    private static Tensor floats(String name, int rows, int columns) {
        return Tensor.of(
                name, DataType.FP32, new long[] {rows, columns}, ByteBuffer.allocate(rows * columns * Float.BYTES));
    }

    private static Tensor texts(String name, byte[]... texts) {
        return Tensor.bytes(name, new long[] {texts.length}, texts);
    }

    @ParameterizedTest
    @EnumSource(value = DataType.class, mode = EnumSource.Mode.EXCLUDE, names = "BYTES")
    void numbersOfEveryTypeComeBackBitByBit(DataType type) {
        byte[] bits = new byte[2 * type.bytes()];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = (byte) (0xff - i);
        }
        try (Model model = load(List.of(spec("in", type, -1)), List.of(spec("out", type, -1)))) {
            Tensor back = model.run(
                            List.of(Tensor.of("in", type, new long[] {2}, ByteBuffer.wrap(bits))), RunLimit.NONE)
                    .getFirst();
            assertThat(back.name()).isEqualTo("out");
            assertThat(back.type()).isEqualTo(type);
            assertThat(back.raw()).isEqualTo(ByteBuffer.wrap(bits));
        }
    }

    @Test
    void byteStringsNeedNotBeTexts() {
        byte[] noText = {(byte) 0xff, 0, (byte) 0xfe};
        try (Model model = load(List.of(spec("in", DataType.BYTES, -1)), List.of(spec("out", DataType.BYTES, -1)))) {
            Tensor back = model.run(List.of(texts("in", noText, new byte[0])), RunLimit.NONE)
                    .getFirst();
            assertThat(back.string(0)).isEqualTo(noText);
            assertThat(back.string(1)).isEmpty();
        }
    }

    @Test
    void outputsStandInTheirOrderWhateverTheOrderOfTheInputs() {
        try (Model model = pair()) {
            List<Tensor> back = model.run(List.of(texts("b", new byte[] {1}), floats("a", 3, 2)), RunLimit.NONE);
            assertThat(back.stream().map(Tensor::toString)).containsExactly("x FP32[3, 2]", "y BYTES[1]");
        }
    }

    @Test
    void noRowsAndScalarsArePossible() {
        try (Model model = load(
                List.of(spec("none", DataType.FP32, -1, 2), spec("scalar", DataType.BOOL)),
                List.of(spec("x", DataType.FP32, -1, 2), spec("y", DataType.BOOL)))) {
            List<Tensor> back = model.run(
                    List.of(
                            floats("none", 0, 2),
                            Tensor.of("scalar", DataType.BOOL, new long[0], ByteBuffer.wrap(new byte[] {1}))),
                    RunLimit.NONE);
            assertThat(back.get(0).elements()).isZero();
            assertThat(back.get(1).whole(0)).isOne();
        }
    }

    @Test
    void whatDoesNotFitTheInputsIsTheCallersFaultAndNamed() {
        Tensor text = texts("b", new byte[0]);
        try (Model model = pair()) {
            fails(model, List.of(text), "input 'a' is missing");
            fails(model, List.of(), "input 'a' is missing");
            fails(model, List.of(floats("a", 1, 2), text, text), "input 'b' stands twice in the request");
            fails(model, List.of(floats("c", 1, 2)), "input 'c' is no input of the model; it takes [a, b]");
            fails(model, List.of(texts("a", new byte[0])), "input 'a' is BYTES, the model takes FP32");
            fails(model, List.of(floats("a", 1, 3)), "input 'a' has the shape [1, 3], the model takes [-1, 2]");
        }
    }

    private static void fails(Model model, List<Tensor> inputs, String message) {
        assertThatThrownBy(() -> model.run(inputs, RunLimit.NONE))
                .isInstanceOf(PerennialException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"format":"identity"}                                                              | as many 'outputs' as 'inputs'
            {"format":"identity","inputs":[{"name":"a","type":"FP32","shape":[1]}]}            | as many 'outputs' as 'inputs'
            {"format":"identity","inputs":[{"name":"a","type":"FP32","shape":[1]}],"outputs":[{"name":"b","type":"FP64","shape":[1]}]} | output 'b' is FP64[1], but input 'a', which it gives back, is FP32[1]
            {"format":"identity","inputs":[{"name":"a","type":"FP32","shape":[1]}],"outputs":[{"name":"b","type":"FP32","shape":[2]}]} | output 'b' is FP32[2]
            """)
    void outputsMustBeTheInputsUnderOtherNames(String manifest, String message) {
        assertThatThrownBy(() -> loader.load(manifest.getBytes(java.nio.charset.StandardCharsets.UTF_8), new byte[0]))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aFileThatNobodyReadsIsRefused() {
        ModelManifest manifest = ModelManifest.ofTensors(
                ModelManifest.IDENTITY, List.of(spec("a", DataType.FP32, 1)), List.of(spec("b", DataType.FP32, 1)));
        assertThatThrownBy(() -> loader.load(manifest, new byte[] {1}))
                .hasMessage(
                        "cannot use this identity model: its model file has 1 bytes; there is nothing to read, give an empty one");
    }

    @Test
    void aModelOfTensorsScoresNoRows() {
        ModelManifest manifest = ModelManifest.ofTensors(
                ModelManifest.IDENTITY, List.of(spec("a", DataType.FP32, 1)), List.of(spec("b", DataType.FP32, 1)));
        assertThatThrownBy(() -> loader.loadTabular(manifest.toJson(), new byte[0]))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining("not one score for each row of columns");
    }
}
