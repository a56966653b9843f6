package dev.perennial.scorer.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TensorTest {
    private static final int ROWS_MAX = 1_000;

    private static Tensor read(String datatype, String shape, String data) {
        return Tensor.read(
                Json.parse("{\"name\":\"x\",\"datatype\":\"%s\",\"shape\":%s,\"data\":%s}"
                        .formatted(datatype, shape, data)),
                0,
                ROWS_MAX);
    }

    private static void refused(String datatype, String shape, String data, String message) {
        assertThatThrownBy(() -> read(datatype, shape, data))
                .isInstanceOfSatisfying(PerennialException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
                    assertThat(e.field()).isEqualTo("x");
                })
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            INT8   | -128                 | 127
            INT16  | -32768               | 32767
            INT32  | -2147483648          | 2147483647
            INT64  | -9223372036854775808 | 9223372036854775807
            UINT8  | 0                    | 255
            UINT16 | 0                    | 65535
            UINT32 | 0                    | 4294967295
            UINT64 | 0                    | 9223372036854775807
            FP32   | -1.5e10              | 3
            FP64   | -1e300               | 1e300
            BOOL   | 0                    | 1
            BOOL   | true                 | false
            """)
    void theLeastAndTheLargestValueOfEveryDatatypeAreTaken(String datatype, String least, String largest) {
        Tensor tensor = read(datatype, "[2]", "[" + least + "," + largest + "]");
        assertThat(tensor.rows()).isEqualTo(2);
        assertThat(tensor.values()).extracting(JsonNode::asText).hasSize(2).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            INT8   | 128
            INT8   | -129
            INT16  | 32768
            INT32  | 2147483648
            INT32  | 1.0
            INT64  | 9223372036854775808
            UINT8  | -1
            UINT8  | 256
            UINT16 | 65536
            UINT32 | 4294967296
            UINT64 | -1
            INT64  | null
            BOOL   | 2
            BOOL   | null
            FP64   | true
            FP32   | [[]]
            """)
    void whatADatatypeCannotHoldIsRefused(String datatype, String value) {
        assertThatThrownBy(() -> read(datatype, "[1]", "[" + value + "]"))
                .isInstanceOf(PerennialException.class)
                .hasMessageStartingWith("x: ");
    }

    @Test
    void aTextIsNoNumberAndANumberNoText() {
        refused("FP64", "[1]", "[\"1\"]", "x: the value \"1\" is no FP64");
        refused("BYTES", "[1]", "[1]", "x: the value 1 is no BYTES");
    }

    @ParameterizedTest
    @ValueSource(strings = {"FP16", "fp64", "", "BF16", "STRING"})
    void anUnknownDatatypeIsNamed(String datatype) {
        refused(datatype, "[1]", "[1]", "x: datatype '" + datatype + "' is not supported in JSON");
    }

    @ParameterizedTest
    @ValueSource(strings = {"BYTES", "FP32", "FP64"})
    void nullIsAMissingValueOfTextsAndFloats(String datatype) {
        assertThat(read(datatype, "[1]", "[null]").values()).singleElement().matches(JsonNode::isNull);
    }

    @Test
    void aColumnMayBeFlatOrNested() {
        List<JsonNode> flat = read("FP64", "[3,1]", "[1,2,3]").values();
        assertThat(read("FP64", "[3,1]", "[[1],[2],[3]]").values()).isEqualTo(flat);
        assertThat(read("FP64", "[3]", "[1,2,3]").values()).isEqualTo(flat);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "[0]",
                "[-1]",
                "[1.5]",
                "[\"1\"]",
                "[1,2]",
                "[1,0]",
                "[1,1.9]",
                "[1,1,1]",
                "[4294967297]",
                "1",
                "{}",
                "null"
            })
    void anyOtherShapeIsRefused(String shape) {
        refused("FP64", shape, "[1]", "x: its shape " + shape + " must be [n] or [n,1] with n of 1 or more");
    }

    @Test
    void shapeAndDataMustAgree() {
        refused("FP64", "[2]", "[1]", "x: its shape asks for 2 values, its data holds 1");
        refused("FP64", "[1]", "[]", "x: its shape asks for 1 values, its data holds 0");
        refused("FP64", "[1]", "[1,2,3,4]", "x: its shape asks for 1 values, its data holds 2");
        refused("FP64", "[1]", "7", "x: its shape asks for 1 values, its data holds 0");
    }

    @Test
    void nestingHasAnEnd() {
        refused("FP64", "[1]", "[[[[[[1]]]]]]", "x: the value [1] is no FP64");
    }

    @Test
    void tooManyRowsAreTooLarge() {
        assertThatThrownBy(() -> read("FP64", "[1001]", "[1]"))
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_LARGE))
                .hasMessage("x: 1001 rows; at most 1000 are possible in one request");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"name\":\"\"}", "{\"name\":5}", "7", "null"})
    void anInputWithoutANameIsToldByItsPlace(String input) {
        assertThatThrownBy(() -> Tensor.read(Json.parse(input), 4, ROWS_MAX))
                .hasMessage("inputs[4].name: every input needs a name");
    }
}
