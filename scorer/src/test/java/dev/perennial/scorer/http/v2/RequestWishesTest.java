package dev.perennial.scorer.http.v2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a request wishes: outputs and parameters. */
class RequestWishesTest {
    private static InferRequest read(String json) {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        return RequestReader.read(body, body.length);
    }

    private static String input(String datatype, String shape, String data) {
        return "{\"name\":\"x\",\"shape\":%s,\"datatype\":\"%s\",\"data\":%s}".formatted(shape, datatype, data);
    }

    private static String inputs(String... inputs) {
        return "{\"inputs\":[" + String.join(",", inputs) + "]}";
    }

    @Test
    void outputsKeepTheirWishes() {
        String outputs = "\"outputs\":[{\"name\":\"a\"},{\"name\":\"b\",\"parameters\":{\"binary_data\":true}},"
                + "{\"name\":\"c\",\"parameters\":{\"binary_data\":false,\"classification\":3}}]";
        InferRequest request = read("{" + outputs + ",\"inputs\":[" + input("FP64", "[1]", "[1]") + "]}");
        assertThat(request.outputs())
                .containsExactly(
                        new InferRequest.Output("a", null, 0),
                        new InferRequest.Output("b", true, 0),
                        new InferRequest.Output("c", false, 3));
        assertThat(request.binary()).isFalse();
    }

    private static InferRequest withParameters(String parameters) {
        return read("{\"parameters\":{" + parameters + "},\"inputs\":[" + input("FP64", "[1]", "[1]") + "]}");
    }

    @Test
    void parametersOfTheRequestAreUnderstood() {
        InferRequest request =
                withParameters("\"binary_data_output\":true,\"timeout\":1500,\"priority\":1,\"mine\":{\"a\":[1]}");
        assertThat(request.binary()).isTrue();
        assertThat(request.timeoutMicros()).isEqualTo(1_500);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "\"\"", "null"})
    void noSequenceIsNoSequence(String id) {
        assertThat(withParameters("\"sequence_id\":" + id + ",\"sequence_start\":false")
                        .inputs())
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"5", "\"s\"", "18446744073709551615", "true"})
    void sequencesAreNotPossible(String id) {
        assertThatThrownBy(() -> withParameters("\"sequence_id\":" + id))
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_IMPLEMENTED))
                .hasMessage("parameters.sequence_id: no model here keeps a state; send requests without a sequence");
    }

    @Test
    void sharedMemoryIsNotPossible() {
        String shared = "{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\","
                + "\"parameters\":{\"shared_memory_region\":\"r\",\"shared_memory_byte_size\":4}}";
        assertThatThrownBy(() -> read(inputs(shared)))
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_IMPLEMENTED));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"triton_x\":1|parameters.triton_x: parameters that start with triton_ are reserved",
                "\"binary_data_output\":1|parameters.binary_data_output: expected true or false",
                "\"timeout\":-1|parameters.timeout: expected a whole number from 0 to 3600000000",
                "\"timeout\":\"1\"|parameters.timeout: expected a whole number from 0 to 3600000000",
                "\"priority\":1.5|parameters.priority: expected a whole number from 0 to 9223372036854775807"
            })
    void parametersOfTheWrongKindAreNamed(String parameter, String message) {
        assertThatThrownBy(() -> withParameters(parameter)).hasMessage(message);
    }
}
