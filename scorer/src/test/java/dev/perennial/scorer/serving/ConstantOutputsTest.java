package dev.perennial.scorer.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.ModelSchema;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import dev.perennial.tensors.TensorSpec;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Constants in place of what a model would have given. */
class ConstantOutputsTest {
    private static final TensorSpec IN = TensorSpec.column("in", DataType.FP64);

    private static ConstantOutputs of(String declared, TensorSpec... outputs) {
        Map<String, JsonNode> byName = new HashMap<>();
        Json.parse(declared).properties().forEach(each -> byName.put(each.getKey(), each.getValue()));
        return ConstantOutputs.of(byName, new ModelSchema(List.of(IN), List.of(outputs), null));
    }

    private static List<Tensor> instead(ConstantOutputs constants, int rows) {
        return constants.instead(List.of(Tensor.doubles("in", new double[rows])));
    }

    @Test
    void everyRowGetsTheSameInTheShapeOfTheModel() {
        ConstantOutputs constants = of(
                "{\"label\":\"none\",\"p\":[0.25,0.75]}",
                TensorSpec.column("label", DataType.BYTES),
                new TensorSpec("p", DataType.FP64, List.of(-1L, 2L)));
        List<Tensor> three = instead(constants, 3);
        assertThat(three).extracting(Tensor::toString).containsExactly("label BYTES[3]", "p FP64[3, 2]");
        assertThat(three.getFirst().text(2)).isEqualTo("none");
        assertThat(three.get(1).number(4)).isEqualTo(0.25);
        assertThat(three.get(1).number(5)).isEqualTo(0.75);
        assertThat(instead(constants, 0))
                .extracting(Tensor::toString)
                .containsExactly("label BYTES[0]", "p FP64[0, 2]");
    }

    @Test
    void anOutputWhoseRowsAreNotCountedIsGivenOnce() {
        ConstantOutputs constants = of(
                "{\"mean\":[1,2],\"all\":7}",
                new TensorSpec("mean", DataType.INT64, List.of(2L)),
                new TensorSpec("all", DataType.FP32, List.of()));
        assertThat(instead(constants, 5)).extracting(Tensor::toString).containsExactly("mean INT64[2]", "all FP32[]");
    }

    @Test
    void anOpenSizeIsThatOfTheConstant() {
        ConstantOutputs constants =
                of("{\"m\":[[1,2,3],[4,5,6]]}", new TensorSpec("m", DataType.INT8, List.of(-1L, 2L, -1L)));
        assertThat(instead(constants, 2).getFirst()).hasToString("m INT8[2, 2, 3]");
    }

    @ParameterizedTest
    @CsvSource({
        "BOOL,true,01",
        "UINT8,255,ff",
        "INT8,-128,80",
        "UINT16,65535,ffff",
        "INT16,-2,feff",
        "UINT32,4294967295,ffffffff",
        "INT32,-2147483648,00000080",
        "UINT64,18446744073709551615,ffffffffffffffff",
        "INT64,-9223372036854775808,0000000000000080",
        "FP16,1.5,003e",
        "BF16,1.5,c03f",
        "FP32,0.1,cdcccc3d",
        "FP64,1,000000000000f03f"
    })
    void everyTypeIsHeldToTheBit(DataType type, String value, String bytes) {
        Tensor one = instead(of("{\"o\":" + value + "}", TensorSpec.column("o", type)), 1)
                .getFirst();
        byte[] raw = new byte[one.raw().remaining()];
        one.raw().get(raw);
        assertThat(HexFormat.of().formatHex(raw)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            INT8  | 128   | the declared constant gives 128 for 'o', which is no INT8
            UINT8 | -1    | the declared constant gives -1 for 'o', which is no UINT8
            INT64 | 0.5   | the declared constant gives 0.5 for 'o', which is no INT64
            FP64  | "1"   | the declared constant gives "1" for 'o', which is no FP64
            BYTES | 1     | the declared constant gives 1 for 'o', which is no BYTES
            BOOL  | 1     | the declared constant gives 1 for 'o', which is no BOOL
            FP64  | [1,2] | the declared constant gives [1,2] for 'o', which is no FP64
            """)
    void aValueThatTheOutputCannotHoldIsRefused(DataType type, String value, String message) {
        assertThatThrownBy(() -> of("{\"o\":" + value + "}", TensorSpec.column("o", type)))
                .isInstanceOf(PerennialException.class)
                .hasMessage(message);
    }

    @Test
    void outputsThatAreMissingUnknownOrOfAnotherShapeAreNamed() {
        TensorSpec pair = new TensorSpec("p", DataType.FP64, List.of(-1L, 2L));
        assertThatThrownBy(() -> of("{}", pair)).hasMessage("the declared constant lacks the output 'p'");
        assertThatThrownBy(() -> of("{\"p\":[1,2],\"q\":1}", pair))
                .hasMessage("the declared constant names [q], which the model does not give");
        assertThatThrownBy(() -> of("{\"p\":[1,2,3]}", pair))
                .hasMessage("the declared constant gives [1,2,3] for 'p', which has the shape [-1, 2]");
        assertThatThrownBy(() -> of("{\"p\":1}", pair))
                .hasMessage("the declared constant gives 1 for 'p', which has the shape [-1, 2]");
    }

    @Test
    void raggedListsAreRefused() {
        assertThatThrownBy(() -> of("{\"m\":[[1,2],[3]]}", new TensorSpec("m", DataType.INT8, List.of(-1L, 2L, -1L))))
                .hasMessage("the declared constant gives [3] for 'm', which has the shape [-1, 2, -1]");
    }

    @Test
    void anAnswerThatWouldBeHugeIsRefused() {
        ConstantOutputs constants =
                of("{\"p\":[" + "0,".repeat(9_999) + "0]}", new TensorSpec("p", DataType.INT8, List.of(-1L, -1L)));
        assertThatThrownBy(() -> instead(constants, 2_000))
                .hasMessage("the declared constant would have more than 16777216 values of 'p'");
    }
}
