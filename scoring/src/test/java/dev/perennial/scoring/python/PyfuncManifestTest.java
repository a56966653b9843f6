package dev.perennial.scoring.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.predictionlog.ColumnType;
import dev.perennial.scoring.Column;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.python.PyfuncManifest.Texts;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PyfuncManifestTest {
    private static final List<ModelFolder.Entry> FILES =
            List.of(new ModelFolder.Entry("MLmodel", Digest.of("flavors"), 7));
    private static final String SCORE = "[{\"type\":\"double\"}]";
    private static final String ROW = "[{\"name\":\"a\",\"type\":\"double\"}]";

    private static ModelManifest of(@Nullable String inputs, @Nullable String outputs) {
        return PyfuncManifest.of(new Texts(inputs, outputs, "3.11.7", "mlflow==3.11.1\n"), FILES, false);
    }

    private static String column(String type) {
        return "[{\"name\":\"a\",\"type\":\"%s\"}]".formatted(type);
    }

    private static String tensor(String dtype, String shape) {
        return "[{\"type\":\"tensor\",\"tensor-spec\":{\"dtype\":\"%s\",\"shape\":%s}}]".formatted(dtype, shape);
    }

    private static void refused(@Nullable String inputs, @Nullable String outputs, String why) {
        assertThatThrownBy(() -> of(inputs, outputs))
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining(why);
    }

    @Test
    void numbersAndTextsWithOneNumberForEachRowAreRows() {
        ModelManifest manifest = of("""
                [{"name":"a","type":"double"},{"name":"f","type":"float"},{"name":"l","type":"long","required":false},
                 {"name":"i","type":"integer"},{"name":"s","type":"string"}]""", SCORE);
        assertThat(manifest.signature().columns())
                .containsExactly(
                        new Column("a", ColumnType.NUMBER, true, "double"),
                        new Column("f", ColumnType.NUMBER, true, "float"),
                        new Column("l", ColumnType.NUMBER, false, "long"),
                        new Column("i", ColumnType.NUMBER, true, "integer"),
                        new Column("s", ColumnType.CATEGORY, true, "string"));
        assertThat(manifest.inputs()).isNull();
        assertThat(manifest.python().types()).containsEntry("i", "integer").containsEntry("s", "string");
        assertThat(manifest.python().types().keySet()).containsExactly("a", "f", "l", "i", "s");
        assertThat(manifest.python().requirements()).containsExactly("mlflow==3.11.1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[-1]", "[-1, 1]"})
    void aTensorOfOneNumberForEachRowIsAScore(String shape) {
        assertThat(of(ROW, tensor("float32", shape)).columns()).isNotNull();
        assertThat(of(ROW, tensor("int64", shape)).columns()).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({"bool,[-1]", "str,[-1]", "float64,'[-1, 2]'", "float64,[3]", "float64,[]"})
    void anyOtherOutputIsATensor(String dtype, String shape) {
        ModelManifest manifest = of(ROW, tensor(dtype, shape));
        assertThat(manifest.columns()).isNull();
        assertThat(manifest.outputs()).hasSize(1);
        assertThat(manifest.outputs().getFirst().name()).isEqualTo("output-1");
    }

    @ParameterizedTest
    @CsvSource({"boolean,BOOL", "binary,BYTES", "datetime,BYTES"})
    void columnsThatAreNoNumbersAndNoTextsAreTensors(String type, String datatype) {
        ModelManifest manifest = of(column(type), SCORE);
        assertThat(manifest.columns()).isNull();
        assertThat(manifest.inputs()).hasToString("[TensorSpec[name=a, type=" + datatype + ", shape=[-1]]]");
    }

    @Test
    void severalOutputsKeepTheirNames() {
        ModelManifest manifest =
                of(ROW, "[{\"name\":\"p\",\"type\":\"double\"},{\"name\":\"label\",\"type\":\"string\"}]");
        assertThat(manifest.outputs())
                .hasToString(
                        "[TensorSpec[name=p, type=FP64, shape=[-1]], TensorSpec[name=label, type=BYTES, shape=[-1]]]");
    }

    @Test
    void aTensorWithoutNameIsCalledByItsNumber() {
        ModelManifest manifest = of(tensor("float64", "[-1, 28, 28]"), tensor("float32", "[-1, 10]"));
        assertThat(manifest.inputs()).hasToString("[TensorSpec[name=input-1, type=FP64, shape=[-1, 28, 28]]]");
        assertThat(manifest.python().types()).isEmpty();
    }

    @Test
    void whatCannotBeServedIsRefusedByName() {
        refused(null, SCORE, "it has no signature; log it with 'signature' or 'input_example'");
        refused(ROW, null, "its signature has no outputs; log it with infer_signature(inputs, predictions)");
        refused("[{\"type\":\"double\"}]", SCORE, "its columns have no names");
        refused(
                "[{\"name\":\"a\",\"type\":\"array\",\"items\":{\"type\":\"double\"}}]",
                SCORE,
                "column 'a' is array of double");
        refused(ROW, "[{\"name\":\"o\",\"type\":\"map\",\"values\":{\"type\":\"long\"}}]", "'o' is map of long");
        refused(column("complex"), SCORE, "the type 'complex' is not supported");
        refused("nonsense", SCORE, "");
    }

    @Test
    void aModelSaysItsVersionOfPython() {
        assertThatThrownBy(() -> PyfuncManifest.of(new Texts(ROW, SCORE, null, ""), FILES, false))
                .hasMessageContaining("it names no 'python_version'");
        assertThatThrownBy(() -> PyfuncManifest.of(new Texts(ROW, SCORE, "3.11", ""), FILES, false))
                .hasMessage("'3.11' is no version of Python; it must look like 3.11.7");
        assertThat(PyfuncManifest.of(new Texts(ROW, SCORE, "3.11.7", ""), FILES, true)
                        .python()
                        .minor())
                .isTrue();
    }

    @Test
    void requirementsAndFilesAreChecked() {
        assertThatThrownBy(() -> PyfuncManifest.of(new Texts(ROW, SCORE, "3.11.7", "--pre"), FILES, false))
                .hasMessageContaining("the requirement '--pre' cannot be installed");
        assertThatThrownBy(() -> PyfuncManifest.of(new Texts(ROW, SCORE, "3.11.7", ""), List.of(), false))
                .hasMessageContaining("0 files");
    }

    @Test
    void aManifestOfThisFormatNeedsItsParts() {
        assertThatThrownBy(() ->
                        ModelManifest.parse("{\"format\":\"python\",\"files\":[]}".getBytes(StandardCharsets.UTF_8)))
                .hasMessageContaining("the model manifest has no 'python'; it needs at least format and signature");
        String python = "{\"format\":\"python\",\"python\":{\"version\":\"3.11.7\"}%s}";
        assertThatThrownBy(() -> ModelManifest.parse(python.formatted("").getBytes(StandardCharsets.UTF_8)))
                .hasMessageContaining("the model manifest has no 'files'; it needs at least format and signature");
        assertThatThrownBy(() -> ModelManifest.parse(
                        python.formatted(",\"files\":[{\"path\":\"MLmodel\"}]").getBytes(StandardCharsets.UTF_8)))
                .hasMessageContaining("a file without path, digest or size");
    }

    @Test
    void everyOrderOfColumnsSurvivesTheManifest() {
        ModelManifest manifest = of("[{\"name\":\"z\",\"type\":\"double\"},{\"name\":\"a\",\"type\":\"long\"}]", SCORE);
        assertThat(ModelManifest.parse(manifest.toJson()).signature()).isEqualTo(manifest.signature());
    }
}
