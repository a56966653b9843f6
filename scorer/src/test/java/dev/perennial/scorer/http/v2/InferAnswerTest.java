package dev.perennial.scorer.http.v2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class InferAnswerTest {
    private static final InferAnswer.Frame FRAME = new InferAnswer.Frame("m", "7", "", Map.of());

    private static Tensor tensor(DataType type, String hex, long... shape) {
        return Tensor.of("y", type, shape, ByteBuffer.wrap(HexFormat.of().parseHex(hex)));
    }

    private static String json(Tensor... tensors) {
        InferAnswer answer = InferAnswer.of(
                FRAME,
                Arrays.stream(tensors)
                        .map(tensor -> new InferAnswer.Output(tensor, false))
                        .toList());
        assertThat(answer.binary()).isFalse();
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({
        "BOOL, 01, true",
        "INT8, 80, -128",
        "UINT8, ff, 255",
        "INT64, 0000000000000080, -9223372036854775808",
        "INT64, 0100000000002000, 9007199254740993",
        "UINT64, ffffffffffffffff, 18446744073709551615",
        "UINT32, ffffffff, 4294967295",
        "FP32, cdcccc3d, 0.1",
        "FP32, 01000000, 1.4E-45",
        "FP32, 00000080, -0.0",
        "FP64, 9a9999999999b93f, 0.1",
        "FP64, 0100000000000000, 4.9E-324",
        "FP32, 0000c07f, null",
        "FP32, 0000807f, null",
        "FP64, 000000000000f0ff, null"
    })
    void valuesArePrintedShortestAndExact(DataType type, String hex, String printed) {
        assertThat(json(tensor(type, hex, 1))).endsWith("\"shape\":[1],\"data\":[" + printed + "]}]}");
    }

    @Test
    void dataIsFlatWhateverTheShape() {
        assertThat(json(tensor(DataType.INT8, "01020304", 2, 1, 2)))
                .isEqualTo(
                        "{\"model_name\":\"m\",\"model_version\":\"7\",\"outputs\":[{\"name\":\"y\",\"datatype\":\"INT8\","
                                + "\"shape\":[2,1,2],\"data\":[1,2,3,4]}]}");
    }

    @Test
    void idAndParametersStandBeforeTheOutputs() {
        InferAnswer answer =
                InferAnswer.of(new InferAnswer.Frame("m", "7", "q\"1", Map.of("role", "champion")), List.of());
        JsonNode body = Json.parse(answer.body());
        assertThat(body.get("id").asText()).isEqualTo("q\"1");
        assertThat(body.at("/parameters/role").asText()).isEqualTo("champion");
        assertThat(body.properties())
                .extracting(Map.Entry::getKey)
                .containsExactly("model_name", "model_version", "id", "parameters", "outputs");
    }

    @ParameterizedTest
    @EnumSource(names = {"FP16", "BF16"})
    void halfFloatsAreNotPrinted(DataType type) {
        assertThatThrownBy(() -> json(tensor(type, "0000", 1)))
                .isInstanceOf(PerennialException.class)
                .hasMessage("outputs: output 'y' is " + type
                        + ", which cannot travel as JSON; ask for it with binary_data");
    }

    @Test
    void bytesThatAreNoTextAreNotPrinted() {
        Tensor odd = Tensor.bytes("y", new long[] {1}, new byte[][] {{(byte) 0xff}});
        assertThatThrownBy(() -> json(odd))
                .hasMessage("outputs: output 'y' holds bytes that are not UTF-8; ask for it with binary_data");
    }

    @Test
    void textsAreQuoted() {
        Tensor texts = Tensor.bytes("y", new long[] {2}, new byte[][] {
            "a\"\\\n\u0000".getBytes(StandardCharsets.UTF_8), "\u20ac".getBytes(StandardCharsets.UTF_8)
        });
        assertThat(json(texts)).contains("[\"a\\\"\\\\\\u000a\\u0000\",\"\u20ac\"]");
    }

    @Test
    void binaryOutputsFollowTheJsonInTheirOrder() {
        InferAnswer answer = InferAnswer.of(
                FRAME,
                List.of(
                        new InferAnswer.Output(tensor(DataType.INT16, "0100", 1), true),
                        new InferAnswer.Output(tensor(DataType.INT8, "05", 1), false),
                        new InferAnswer.Output(
                                Tensor.bytes("z", new long[] {2}, new byte[][] {{(byte) 0xff}, {}}), true)));
        assertThat(answer.binary()).isTrue();
        assertThat(HexFormat.of().formatHex(answer.body(), answer.json(), answer.body().length))
                .isEqualTo("0100" + "01000000ff" + "00000000");
        JsonNode outputs =
                Json.parse(Arrays.copyOf(answer.body(), answer.json())).get("outputs");
        assertThat(outputs.get(0).at("/parameters/binary_data_size").asInt()).isEqualTo(2);
        assertThat(outputs.get(0).has("data")).isFalse();
        assertThat(outputs.get(1).get("data").get(0).asInt()).isEqualTo(5);
        assertThat(outputs.get(2).at("/parameters/binary_data_size").asInt()).isEqualTo(9);
    }

    @Test
    void anOutputOfNoElementsTellsSizeZeroAndNothingFollows() {
        InferAnswer answer = InferAnswer.of(FRAME, List.of(new InferAnswer.Output(tensor(DataType.FP32, "", 0), true)));
        assertThat(answer.binary()).isFalse();
        assertThat(Json.parse(answer.body())
                        .at("/outputs/0/parameters/binary_data_size")
                        .asInt(-1))
                .isZero();
    }
}
