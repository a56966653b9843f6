package dev.perennial.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import dev.perennial.tensors.TensorSpec;
import dev.perennial.testkit.OnnxFiles;
import dev.perennial.testkit.Proto;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Graphs of any tensors. */
class OnnxTensorModelTest {
    private static final byte[] MANIFEST = "{\"format\":\"onnx\"}".getBytes(StandardCharsets.UTF_8);

    @TempDir
    static Path natives;

    private final ModelLoader loader = new ModelLoader(natives);

    private static Tensor texts(String... texts) {
        byte[][] bytes = new byte[texts.length][];
        for (int i = 0; i < texts.length; i++) {
            bytes[i] = texts[i].getBytes(StandardCharsets.UTF_8);
        }
        return Tensor.bytes("in", new long[] {texts.length}, bytes);
    }

    private void refused(String manifest, byte[] file, String text) {
        assertThatThrownBy(() -> loader.load(manifest.getBytes(StandardCharsets.UTF_8), file))
                .isInstanceOf(PerennialException.class)
                .hasMessageStartingWith("cannot use this ONNX model: ")
                .hasMessageContaining(text);
    }

    @ParameterizedTest
    @CsvSource({
        "1,FP32", "2,UINT8", "3,INT8", "5,INT16", "6,INT32", "7,INT64", "9,BOOL", "10,FP16", "11,FP64", "16,BF16"
    })
    void numbersComeBackBitByBit(int onnx, DataType type) {
        byte[] bits = new byte[6 * type.bytes()];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = type == DataType.BOOL ? (byte) (i % 2) : (byte) (i + 50);
        }
        try (Model model = loader.load(MANIFEST, OnnxFiles.identity(onnx, -1, 3))) {
            assertThat(model.schema().inputs()).containsExactly(new TensorSpec("in", type, List.of(-1L, 3L)));
            Tensor back = model.run(
                            List.of(Tensor.of("in", type, new long[] {2, 3}, ByteBuffer.wrap(bits))), RunLimit.NONE)
                    .getFirst();
            assertThat(back).hasToString("out " + type + "[2, 3]");
            assertThat(back.raw()).isEqualTo(ByteBuffer.wrap(bits));
        }
    }

    @ParameterizedTest
    @CsvSource({"1,1", "2,1", "1,3", "2,3"})
    void answersAreTheSameWithAnyThreadsAndInstances(int threads, int instances) {
        ModelManifest manifest = ModelManifest.parse(MANIFEST);
        ModelResources resources = new ModelResources(threads, instances, 0);
        ByteBuffer file = ByteBuffer.wrap(OnnxFiles.matrix());
        try (Model model = loader.load(manifest, file, null, resources)) {
            for (int call = 0; call < 5; call++) { // more than there are instances
                Tensor x = Tensor.of("x", DataType.FP32, new long[] {1, 1}, ByteBuffer.allocate(Float.BYTES));
                assertThat(model.run(List.of(x), RunLimit.NONE).getFirst().number(0))
                        .isEqualTo(0.5);
            }
        }
    }

    @Test
    void textsComeBackInTheirShape() {
        try (Model model = loader.load(MANIFEST, OnnxFiles.identity(OnnxFiles.STRING, -1, 2))) {
            Tensor in = Tensor.bytes(
                    "in",
                    new long[] {2, 2},
                    IntStream.range(0, 4)
                            .mapToObj(i ->
                                    List.of("", "é", "b c", "\u20ac").get(i).getBytes(StandardCharsets.UTF_8))
                            .toArray(byte[][]::new));
            Tensor back = model.run(List.of(in), RunLimit.NONE).getFirst();
            assertThat(back.shape()).containsExactly(2, 2);
            assertThat(IntStream.range(0, 4).mapToObj(back::text)).containsExactly("", "é", "b c", "\u20ac");
        }
    }

    @Test
    void noRowsAreAnswered() {
        try (Model model = loader.load(MANIFEST, OnnxFiles.identity(OnnxFiles.FLOAT, -1))) {
            Tensor none = Tensor.of("in", DataType.FP32, new long[] {0}, ByteBuffer.allocate(0));
            assertThat(model.run(List.of(none), RunLimit.NONE).getFirst().shape())
                    .containsExactly(0);
        }
        try (Model model = loader.load(MANIFEST, OnnxFiles.identity(OnnxFiles.STRING, -1))) {
            assertThat(model.run(List.of(texts()), RunLimit.NONE).getFirst().shape())
                    .containsExactly(0);
        }
    }

    @Test
    void aBooleanIsTrueWhateverItsBits() {
        try (Model model = loader.load(MANIFEST, OnnxFiles.identity(OnnxFiles.BOOL, -1))) {
            Tensor in = Tensor.of("in", DataType.BOOL, new long[] {2}, ByteBuffer.wrap(new byte[] {(byte) 0xff, 0}));
            assertThat(model.run(List.of(in), RunLimit.NONE).getFirst().raw())
                    .isEqualTo(ByteBuffer.wrap(new byte[] {1, 0}));
        }
    }

    @Test
    void severalInputsAndOutputsHaveTheGraphsOrder() {
        byte[] file = OnnxFiles.model(new Proto()
                .message(1, OnnxFiles.node("Identity", List.of("b"), "y"))
                .message(1, OnnxFiles.node("Identity", List.of("a"), "x"))
                .text(2, "g")
                .message(11, OnnxFiles.value("b", OnnxFiles.INT64))
                .message(11, OnnxFiles.value("a", OnnxFiles.BOOL))
                .message(12, OnnxFiles.value("y", OnnxFiles.INT64))
                .message(12, OnnxFiles.shapeless("x", OnnxFiles.BOOL)));
        try (Model model = loader.load(MANIFEST, file)) {
            assertThat(model.schema().inputs()).extracting(TensorSpec::name).containsExactly("b", "a");
            assertThat(model.schema().output("x").orElseThrow().shape())
                    .as("an output without a shape")
                    .containsExactly(-1L);
            List<Tensor> outputs = model.run(
                    List.of(
                            Tensor.of("a", DataType.BOOL, new long[0], ByteBuffer.wrap(new byte[] {1})),
                            Tensor.of(
                                    "b",
                                    DataType.INT64,
                                    new long[0],
                                    ByteBuffer.allocate(8).put(0, (byte) 9))),
                    RunLimit.NONE);
            assertThat(outputs).extracting(Tensor::toString).containsExactly("y INT64[]", "x BOOL[]");
            assertThat(outputs.getFirst().whole(0)).isEqualTo(9);
        }
    }

    @Test
    void inputsThatJavaCannotMakeAreRefusedByNameAndType() {
        refused("{\"format\":\"onnx\"}", OnnxFiles.identity(4, -1), "its input 'in' takes UINT16, which");
        refused("{\"format\":\"onnx\"}", OnnxFiles.identity(12, -1), "its input 'in' takes UINT32, which");
        refused("{\"format\":\"onnx\"}", OnnxFiles.identity(13, -1), "its input 'in' takes UINT64, which");
    }

    @Test
    void unsignedOutputsAreRead() {
        byte[] file = OnnxFiles.model(new Proto()
                .message(
                        1,
                        OnnxFiles.node("Cast", List.of("in"), "out")
                                .message(
                                        5,
                                        new Proto().text(1, "to").number(3, 13).number(20, 2)))
                .text(2, "g")
                .message(11, OnnxFiles.value("in", OnnxFiles.INT64, -1))
                .message(12, OnnxFiles.value("out", 13, -1)));
        try (Model model = loader.load(MANIFEST, file)) {
            Tensor in = Tensor.of(
                    "in", DataType.INT64, new long[] {1}, ByteBuffer.allocate(8).putLong(0, -1));
            Tensor out = model.run(List.of(in), RunLimit.NONE).getFirst();
            assertThat(out.type()).isEqualTo(DataType.UINT64);
            assertThat(Long.toUnsignedString(out.whole(0))).isEqualTo("18446744073709551615");
        }
    }

    @Test
    void anInputWithoutAShapeIsRefused() {
        byte[] file = OnnxFiles.model(new Proto()
                .message(1, OnnxFiles.node("Identity", List.of("in"), "out"))
                .text(2, "g")
                .message(11, OnnxFiles.shapeless("in", OnnxFiles.FLOAT))
                .message(12, OnnxFiles.value("out", OnnxFiles.FLOAT, -1)));
        refused("{\"format\":\"onnx\"}", file, "its input 'in' declares no shape");
    }

    @Test
    void whatIsNoTextIsTheCallersFault() {
        try (Model model = loader.load(MANIFEST, OnnxFiles.identity(OnnxFiles.STRING, -1))) {
            Tensor bytes = Tensor.bytes("in", new long[] {2}, new byte[][] {{'a'}, {(byte) 0xff}});
            fails(model, bytes, "element 1 of input 'in' is no UTF-8 text; ONNX models take texts only");
            fails(
                    model,
                    texts("a\0b"),
                    "element 0 of input 'in' holds U+0000; ONNX Runtime for Java takes texts of the characters U+0001 to U+FFFF only");
            fails(model, texts("\ud83d\ude00"), "element 0 of input 'in' holds U+1F600; ONNX Runtime for Java takes");
        }
    }

    private static void fails(Model model, Tensor input, String message) {
        assertThatThrownBy(() -> model.run(List.of(input), RunLimit.NONE))
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
                .hasMessageContaining(message);
    }

    @Test
    void aManifestThatListsTheGraphsTensorsIsTaken() {
        String manifest = """
                {"format":"onnx","inputs":[{"name":"in","type":"FP32","shape":[-1,3]}],"outputs":[{"name":"out","type":"FP32","shape":[5,3]}]}""";
        try (Model model =
                loader.load(manifest.getBytes(StandardCharsets.UTF_8), OnnxFiles.identity(OnnxFiles.FLOAT, -1, 3))) {
            assertThat(model.schema().outputs()).extracting(TensorSpec::name).containsExactly("out");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"format":"onnx","inputs":[{"name":"other","type":"FP32","shape":[-1]}]} | the manifest's 'inputs' lists 'other' FP32[-1], the graph has ['in' FP32[-1, 3]]
            {"format":"onnx","inputs":[{"name":"in","type":"FP64","shape":[-1,3]}]}  | lists 'in' FP64[-1, 3], the graph has 'in' FP32[-1, 3]
            {"format":"onnx","outputs":[{"name":"out","type":"FP32","shape":[-1]}]}  | lists 'out' FP32[-1], the graph has 'out' FP32[-1, 3]
            {"format":"onnx","inputs":[{"name":"in","type":"FP32","shape":[2,4]}]}   | lists 'in' FP32[2, 4], the graph has
            """)
    void aManifestThatListsOtherTensorsIsRefused(String manifest, String message) {
        refused(manifest, OnnxFiles.identity(OnnxFiles.FLOAT, -1, 3), message);
    }

    @Test
    void aManifestMustListAllOrNone() {
        byte[] two = OnnxFiles.columns("a", "b");
        refused(
                "{\"format\":\"onnx\",\"inputs\":[{\"name\":\"a\",\"type\":\"FP32\",\"shape\":[-1,1]}]}",
                two,
                "the manifest's 'inputs' does not list [b]");
    }

    @Test
    void aRunEndsWithItsDeadline() {
        try (Model model = loader.load(MANIFEST, OnnxFiles.endless())) {
            Tensor x = Tensor.of("x", DataType.FP32, new long[] {1, 1}, ByteBuffer.allocate(4));
            RunLimit soon = new RunLimit(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(100), () -> false);
            assertThatThrownBy(() -> model.run(List.of(x), soon))
                    .isInstanceOfSatisfying(
                            PerennialException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED));
            assertThatThrownBy(() -> model.run(List.of(x), RunLimit.NONE))
                    .as("the model's own limit")
                    .isInstanceOf(ModelFailure.class)
                    .hasMessage("it did not end within 2010 ms");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1f8b0800000000000003", "504b03041400000008"})
    void compressedFilesAreNotUnpacked(String hex) {
        refused(
                "{\"format\":\"onnx\"}",
                java.util.HexFormat.of().parseHex(hex),
                "it is compressed; give the model itself");
    }

    @Test
    void theOrtFormatIsRefusedBeforeNativeCodeReadsIt() {
        refused(
                "{\"format\":\"onnx\"}",
                "\u0020\0\0\0ORTM12345678".getBytes(StandardCharsets.ISO_8859_1),
                "it is of the ORT format");
    }

    @Test
    void oneSessionServesManyThreads() {
        try (Model model = loader.load(MANIFEST, OnnxFiles.identity(OnnxFiles.FLOAT, -1))) {
            assertThat(IntStream.range(0, 2_000).parallel().mapToObj(i -> {
                        Tensor in = Tensor.of(
                                "in",
                                DataType.FP32,
                                new long[] {1},
                                ByteBuffer.allocate(4)
                                        .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                                        .putFloat(0, i));
                        return model.run(List.of(in), RunLimit.NONE).getFirst().number(0) == i;
                    }))
                    .doesNotContain(false);
        }
    }

    @Test
    void aMappedFileIsLoadedAndMayBeClosedAfterwards() throws Exception {
        Path path = Files.write(natives.resolve("mapped.onnx"), OnnxFiles.identity(OnnxFiles.FLOAT, -1));
        Model model;
        try (ModelFile file = ModelFile.open(path)) {
            assertThat(file.digest()).isEqualTo(dev.perennial.kernel.Digest.ofFile(path));
            model = loader.load(ModelManifest.parse(MANIFEST), file.bytes());
        }
        try (model) {
            Tensor in = Tensor.of("in", DataType.FP32, new long[] {1}, ByteBuffer.allocate(4));
            assertThat(model.run(List.of(in), RunLimit.NONE).getFirst().number(0))
                    .isZero();
        }
    }

    @Test
    void aFileBeyondAGibibyteIsNotMapped() throws Exception {
        Path path = natives.resolve("huge.onnx");
        try (var file = new java.io.RandomAccessFile(path.toFile(), "rw")) {
            file.setLength((1L << 30) + 1); // takes no space
        }
        assertThatThrownBy(() -> ModelFile.open(path))
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_LARGE))
                .hasMessage("a model file of 1073741825 bytes; at most 1073741824 are possible");
        Files.delete(path);
    }
}
