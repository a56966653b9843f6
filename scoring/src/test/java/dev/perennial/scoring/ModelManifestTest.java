package dev.perennial.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.PerennialException;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.TensorSpec;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelManifestTest {
    private static ModelManifest parse(String json) {
        return ModelManifest.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void formatAndSignatureAreEnough() {
        ModelManifest manifest = parse("{\"format\":\"onnx\",\"signature\":[{\"name\":\"a\",\"type\":\"number\"}]}");
        assertThat(manifest.signature()).isEqualTo(new Signature(List.of(Column.number("a"))));
        assertThat(manifest.signature().column(0).required()).isTrue();
        assertThat(manifest.categories()).isEmpty();
        assertThat(manifest.inputExample()).isNull();
    }

    @Test
    void whatIsWrittenIsReadBackAndEqualManifestsHaveEqualBytes() {
        Signature signature = new Signature(List.of(Column.category("c"), Column.number("n")));
        ModelManifest manifest = ModelManifest.of(ModelManifest.ONNX, signature, Map.of("c", List.of("x", "y")));
        assertThat(ModelManifest.parse(manifest.toJson())).isEqualTo(manifest);
        assertThat(ModelManifest.parse(manifest.toJson()).toJson()).isEqualTo(manifest.toJson());
    }

    @Test
    void aManifestOfTensorsIsReadBack() {
        TensorSpec in = new TensorSpec("in", DataType.BF16, List.of(-1L, 3L));
        ModelManifest manifest = ModelManifest.ofTensors(
                ModelManifest.IDENTITY, List.of(in), List.of(new TensorSpec("out", DataType.BF16, List.of(-1L, 3L))));
        assertThat(ModelManifest.parse(manifest.toJson())).isEqualTo(manifest);
        assertThatThrownBy(manifest::signature)
                .isInstanceOf(PerennialException.class)
                .hasMessage("a model of format 'identity' without a signature takes tensors, not rows");
    }

    @Test
    void theBytesOfAManifestOfColumnsAreThoseOfBefore() {
        ModelManifest manifest =
                ModelManifest.of(ModelManifest.ONNX, new Signature(List.of(Column.number("a"))), Map.of());
        assertThat(new String(manifest.toJson(), StandardCharsets.UTF_8))
                .isEqualTo(
                        "{\"categories\":{},\"format\":\"onnx\",\"signature\":[{\"name\":\"a\",\"required\":true,\"type\":\"number\"}]}");
    }

    @Test
    void membersOfAYoungerWriterAreIgnored() {
        assertThat(parse("{\"format\":\"onnx\",\"signature\":[{\"name\":\"a\",\"type\":\"number\"}],\"later\":[1]}")
                        .format())
                .isEqualTo("onnx");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {}                                                             | no 'format'
            {"format":"xgboost-json"}                                      | no 'signature'
            {"signature":[{"name":"a","type":"number"}]}                   | no 'format'
            {"format":"onnx","signature":[]}                               | a signature of 0 columns
            {"format":"onnx","signature":[{"name":"a","type":"number"},{"name":"a","type":"category"}]} | 'a' stands twice
            {"format":"onnx","signature":[{"name":"a","type":"number"}],"categories":{"b":["x"]}}       | 'b', which is no column
            {"format":"onnx","signature":[{"name":"a","type":"number"}],"inputs":[{"name":"a","type":"FP32","shape":[]}]} | one or the other
            {"format":"identity","categories":{"b":["x"]}}                 | 'b', which is no column
            {"format":"identity","inputs":[]}                              | 'inputs' lists 0 tensors
            {"format":"identity","inputs":[null]}                          | a tensor without name or type
            {"format":"identity","outputs":[{"name":" ","type":"FP32","shape":[]}]}      | 'outputs' lists a tensor without name
            {"format":"identity","inputs":[{"name":"a","shape":[]}]}       | a tensor without name or type
            {"format":"identity","inputs":[{"name":"a","type":"FP32","shape":[-2]}]}     | shape [-2]; sizes are 0 and more
            {"format":"identity","inputs":[{"name":"a","type":"FP32","shape":[1]},{"name":"a","type":"BYTES","shape":[1]}]} | 'a' twice
            """)
    void whatIsWrongIsNamed(String json, String message) {
        assertThatThrownBy(() -> parse(json))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ``
            null
            [1]
            {"format":"onnx","signature":5}
            {"format":"onnx","signature":[{"name":"a"}]}
            {"format":"onnx","signature":[{"type":"number"}]}
            {"format":"onnx","signature":[{"name":"a","type":"picture"}]}
            {"format":"onnx","signature":[{"name":"a","type":"number"}],"categories":["a"]}
            {"format":"identity","inputs":[{"name":"a","type":"FP31","shape":[1]}]}
            {"format":"identity","inputs":[{"name":"a","type":"FP32"}]}
            {"format":"identity","inputs":{"a":"FP32"}}
            {"format":"onnx",
            """)
    void brokenManifestsAreTheCallersFault(String json) {
        assertThatThrownBy(() -> parse(json)).isInstanceOf(PerennialException.class);
    }

    @Test
    void aSignatureHasABound() {
        List<Column> columns = new java.util.ArrayList<>();
        for (int i = 0; i < Signature.COLUMNS_MAX; i++) {
            columns.add(Column.number("c" + i));
        }
        assertThat(new Signature(columns).position("c9999")).isEqualTo(9_999);
        columns.add(Column.number("one-more"));
        assertThatThrownBy(() -> new Signature(columns))
                .hasMessage("a signature of 10001 columns; 1 to 10000 are possible");
    }

    @Test
    void anUnknownFormatIsRefusedByName() {
        ModelManifest manifest = ModelManifest.of("pickle", new Signature(List.of(Column.number("a"))), Map.of());
        ModelLoader loader = new ModelLoader(java.nio.file.Path.of("unused"));
        assertThatThrownBy(() -> loader.load(manifest, new byte[0]))
                .hasMessage("model format 'pickle' is not supported; use xgboost-json, xgboost-ubj, lightgbm-text,"
                        + " onnx, python or identity");
    }

    // categories and rows

    private static float[] encoded(CategoryCodes codes, Signature signature, Map<String, ?> values) {
        float[] into = new float[signature.size()];
        codes.encode(Row.of(signature, values), into);
        return into;
    }

    @Test
    void categoriesBecomeTheirPlacesAndUnseenOnesTheNext() {
        Signature signature = new Signature(List.of(Column.category("c"), Column.number("n")));
        CategoryCodes codes = new CategoryCodes(signature, Map.of("c", List.of("x", "y")));
        assertThat(encoded(codes, signature, Map.of("c", "x", "n", 1.5))).containsExactly(0f, 1.5f);
        assertThat(encoded(codes, signature, Map.of("c", "y"))).containsExactly(1f, Float.NaN);
        assertThat(encoded(codes, signature, Map.of("c", "Y"))[0])
                .as("letters count")
                .isEqualTo(2f);
        assertThat(encoded(codes, signature, Map.of("c", ""))[0])
                .as("an empty text is one")
                .isEqualTo(2f);
        assertThat(encoded(codes, signature, Map.of())[0]).as("missing").isNaN();
        assertThat(codes.known(0)).isEqualTo(2);
        assertThat(codes.known(1)).isZero();
    }

    @Test
    void aCategoryColumnNeedsItsListAndEachCategoryStandsOnce() {
        Signature signature = new Signature(List.of(Column.category("c")));
        assertThatThrownBy(() -> new CategoryCodes(signature, Map.of()))
                .hasMessage("the model manifest lists no categories for column 'c'");
        assertThatThrownBy(() -> new CategoryCodes(signature, Map.of("c", List.of("x", "x"))))
                .hasMessage("category 'x' of column 'c' is listed twice");
    }

    @Test
    void aColumnWithoutAnyKnownCategoryTakesEveryTextAsUnseen() {
        Signature signature = new Signature(List.of(Column.category("c")));
        CategoryCodes codes = new CategoryCodes(signature, Map.of("c", List.of()));
        assertThat(encoded(codes, signature, Map.of("c", "x"))).containsExactly(0f);
    }

    @Test
    void aRowRefusesAValueOfTheWrongTypeByName() {
        Signature signature = new Signature(List.of(Column.category("c"), Column.number("n")));
        assertThatThrownBy(() -> Row.of(signature, Map.of("c", 5)))
                .hasMessage("column 'c' is a category, but the value is '5'");
        assertThatThrownBy(() -> Row.of(signature, Map.of("n", "5")))
                .hasMessage("column 'n' is a number, but the value is '5'");
    }

    @Test
    void aRowLeavesOutWhatTheSignatureLacksAndKeepsNullAsMissing() {
        Signature signature = new Signature(List.of(Column.category("c"), Column.number("n")));
        Row row = Row.of(signature, Collections.singletonMap("c", null));
        assertThat(row.text(0)).isNull();
        assertThat(row.number(1)).isNaN();
        assertThat(Row.of(signature, Map.of("other", true)).size()).isEqualTo(2);
    }

    @Test
    void aClearedRowHoldsNothing() {
        Signature signature = new Signature(List.of(Column.category("c"), Column.number("n")));
        Row row = Row.of(signature, Map.of("c", "x", "n", 7));
        row.clear();
        assertThat(row.text(0)).isNull();
        assertThat(row.number(1)).isNaN();
    }
}
