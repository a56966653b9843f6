package dev.perennial.scorer.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class InferRequestTest {
    private static final int BYTES_MAX = 1 << 20;

    @Test
    void readsNamesVersionIdAndParametersOfEveryKind() {
        Proto message = Proto.message()
                .text(1, "m")
                .text(2, "3")
                .text(3, "request-1")
                .message(4, parameter("b", Proto.message().whole(1, 1)))
                .message(4, parameter("i", Proto.message().whole(2, -7)))
                .message(4, parameter("s", Proto.message().text(3, "word")))
                .message(4, parameter("d", Proto.message().fixed64(4, 1.5)))
                .message(4, parameter("u", Proto.message().whole(5, 9)))
                .message(5, input("x", "FP64", new long[] {1}, Proto.message().fixed64(7, 2.5)))
                .message(6, Proto.message().text(1, "score"));
        InferRequest request = read(message);
        assertThat(request.model()).isEqualTo("m");
        assertThat(request.version()).isEqualTo("3");
        assertThat(request.id()).isEqualTo("request-1");
        assertThat(request.parameters()).isEqualTo(Map.of("b", true, "i", -7L, "s", "word", "d", 1.5, "u", 9L));
        assertThat(request.inputs().getFirst().number(0)).isEqualTo(2.5);
        assertThat(request.names()).containsExactly("score");
        assertThat(request.typed()).isFalse();
    }

    @Test
    void theHeadTellsModelVersionAndTimeoutWithoutLookingAtTensors() {
        Proto message = Proto.message()
                .message(5, Proto.message().raw(0xff))
                .text(2, "3")
                .text(1, "m")
                .message(4, parameter("timeout", Proto.message().whole(2, 1_500)));
        assertThat(InferRequest.Head.read(message.reader())).isEqualTo(new InferRequest.Head("m", "3", 1_500));
    }

    @Test
    void aNegativeTimeoutIsNone() {
        Proto message =
                Proto.message().message(4, parameter("timeout", Proto.message().whole(2, -1)));
        assertThat(InferRequest.Head.read(message.reader()).timeoutMicros()).isZero();
    }

    @Test
    void typedAnswersAreWantedByBinaryDataOutputFalse() {
        Proto wanted = one(input("x", "BOOL", new long[] {1}, Proto.message().whole(1, 1)))
                .message(4, parameter("binary_data_output", Proto.message().whole(1, 0)));
        assertThat(read(wanted).typed()).isTrue();
        Proto refused = one(input("x", "BOOL", new long[] {1}, Proto.message().whole(1, 1)))
                .message(4, parameter("binary_data_output", Proto.message().whole(1, 1)));
        assertThat(read(refused).typed()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "BOOL, 1, 0 1 1",
        "INT8, 2, -128 0 127",
        "INT16, 2, -32768 0 32767",
        "INT32, 2, -2147483648 0 2147483647",
        "INT64, 3, -9223372036854775808 0 9223372036854775807",
        "UINT8, 4, 0 1 255",
        "UINT16, 4, 0 1 65535",
        "UINT32, 4, 0 1 4294967295",
        "UINT64, 5, 0 1 -1"
    })
    void wholeNumbersKeepTheirExtremes(DataType type, int field, String values) {
        long[] numbers = Stream.of(values.split(" ")).mapToLong(Long::parseLong).toArray();
        Tensor tensor =
                tensor(input("x", type.name(), new long[] {3}, Proto.message().wholes(field, numbers)));
        for (int i = 0; i < numbers.length; i++) {
            assertThat(tensor.whole(i)).isEqualTo(numbers[i]);
        }
    }

    @ParameterizedTest
    @CsvSource({"INT8, 2, 128", "INT8, 2, -129", "INT16, 2, 32768", "UINT8, 4, 256", "UINT16, 4, 65536"})
    void valuesBeyondTheirTypeAreRefusedNotCut(String type, int field, long value) {
        refused(
                one(input("x", type, new long[] {1}, Proto.message().wholes(field, value))),
                "x: the value " + value + " is no " + type);
    }

    @Test
    void elementsMayComeOneByOneOrInSeveralPacks() {
        Proto contents =
                Proto.message().fixed32(6, 1.5f).bytes(6, floats(2.5f, 3.5f)).fixed32(6, 4.5f);
        Tensor tensor = tensor(input("x", "FP32", new long[] {2, 2}, contents));
        assertThat(tensor.shape()).containsExactly(2, 2);
        assertThat(new double[] {tensor.number(0), tensor.number(1), tensor.number(2), tensor.number(3)})
                .containsExactly(1.5, 2.5, 3.5, 4.5);
    }

    @Test
    void rawContentsBelongToTheInputsInOrder() {
        Proto message = one(input("a", "INT8", new long[] {2}, null))
                .message(5, input("b", "FP32", new long[] {1, 1}, null))
                .bytes(7, new byte[] {-1, 5})
                .bytes(7, floats(7.5f));
        InferRequest request = read(message);
        assertThat(request.inputs().get(0).whole(0)).isEqualTo(-1);
        assertThat(request.inputs().get(1).number(0)).isEqualTo(7.5);
    }

    @Test
    void rawByteStringsMayBeEmptyAndHoldAnything() {
        byte[] raw = {0, 0, 0, 0, 2, 0, 0, 0, 0, (byte) 0xff};
        Tensor tensor = tensor(input("s", "BYTES", new long[] {2}, null), raw);
        assertThat(tensor.string(0)).isEmpty();
        assertThat(tensor.string(1)).containsExactly(0, 0xff);
    }

    @Test
    void typedByteStringsToo() {
        Proto contents = Proto.message().bytes(8, new byte[0]).bytes(8, new byte[] {0, -1});
        Tensor tensor = tensor(input("s", "BYTES", new long[] {2, 1}, contents));
        assertThat(tensor.string(0)).isEmpty();
        assertThat(tensor.string(1)).containsExactly(0, 0xff);
    }

    @ParameterizedTest
    @EnumSource(DataType.class)
    void aTensorMayHaveNoElements(DataType type) {
        Tensor typed = tensor(input("x", type.name(), new long[] {0, 5}, null));
        assertThat(typed.elements()).isZero();
        assertThat(typed.shape()).containsExactly(0, 5);
        assertThat(tensor(input("x", type.name(), new long[] {0}, null), new byte[0])
                        .elements())
                .isZero();
    }

    @Test
    void mixingContentsAndRawContentsIsRefusedInTritonsWords() {
        Proto message = one(input("x", "FP32", new long[] {1}, Proto.message().fixed32(6, 1)))
                .bytes(7, floats(1));
        refused(
                message,
                "contents field must not be specified when using raw_input_contents for 'x' for model inference");
    }

    @Test
    void everyInputNeedsItsRawContents() {
        Proto message = one(input("a", "INT8", new long[] {1}, null))
                .message(5, input("b", "INT8", new long[] {1}, null))
                .bytes(7, new byte[1]);
        refused(message, "raw_input_contents: there are 1 for 2 inputs");
    }

    @Test
    void halfPrecisionTravelsRawOnly() {
        refused(
                one(input("x", "FP16", new long[] {1}, Proto.message().fixed32(6, 1))),
                "x: FP16 travels in raw_input_contents only");
        assertThat(tensor(input("x", "BF16", new long[] {1}, null), new byte[] {(byte) 0x80, 0x3f})
                        .number(0))
                .isEqualTo(1.0);
    }

    @Test
    void theFieldMustBeThatOfTheDatatype() {
        refused(
                one(input("x", "INT64", new long[] {1}, Proto.message().wholes(2, 1))),
                "x: INT64 travels in int64_contents, not in int_contents");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "FP32 ~ 4 ~ x: its shape [2] of FP32 asks for 8 bytes, its data has 4",
                "FP32 ~ 9 ~ x: its shape [2] of FP32 asks for 8 bytes, its data has 9",
                "BYTES ~ 7 ~ x: its shape asks for 2 byte strings, its data of 7 bytes cannot hold them",
                "BYTES ~ 9 ~ x: 1 bytes follow the last of its 2 byte strings"
            })
    void rawContentsMustHaveTheSizeOfTheShape(String type, int bytes, String message) {
        refused(one(input("x", type, new long[] {2}, null)).bytes(7, new byte[bytes]), message);
    }

    @Test
    void aByteStringMustNotGoBeyondItsTensor() {
        byte[] raw = {5, 0, 0, 0, 1, 2};
        refused(
                one(input("x", "BYTES", new long[] {1}, null)).bytes(7, raw),
                "x: byte string 0 of 1 does not end within its data");
        byte[] negative = {-1, -1, -1, -1, 1, 2};
        refused(
                one(input("x", "BYTES", new long[] {1}, null)).bytes(7, negative),
                "x: byte string 0 of 1 does not end within its data");
    }

    @Test
    void aBoolIsZeroOrOne() {
        refused(one(input("x", "BOOL", new long[] {1}, null)).bytes(7, new byte[] {2}), "x: the value 2 is no BOOL");
    }

    @Test
    void shapesThatNobodyCanMeanAreRefused() {
        refused(one(input("x", "FP32", new long[] {-1}, null)), "x: its shape has a dimension of -1");
        refused(
                one(input("x", "INT8", new long[] {1L << 40, 1L << 40}, null)),
                "x: its shape has more elements than 2147483647");
        refused(
                one(input("x", "FP64", new long[] {2}, Proto.message().fixed64(7, 1))),
                "x: its shape [2] asks for 2 elements, fp64_contents holds 1");
    }

    @Test
    void smallNumbersDoNotBecomeMoreThanTheLimit() {
        Proto contents = Proto.message().bytes(3, new byte[BYTES_MAX / 8 + 1]); // each byte is an INT64
        refused(
                one(input("x", "INT64", new long[] {BYTES_MAX / 8 + 1}, contents)),
                ErrorCode.TOO_LARGE,
                "x: the tensors have more than 1048576 bytes");
    }

    @Test
    void tooManyByteStringsAreRefused() {
        Proto message = one(input("x", "BYTES", new long[] {1_000_001}, null)).bytes(7, new byte[4_000_004]);
        refused(message, ErrorCode.TOO_LARGE, "x: 1000001 byte strings; at most 1000000");
    }

    @Test
    void namesAreThereAndDifferent() {
        refused(Proto.message().text(1, "m"), "inputs: a request needs at least one input");
        refused(one(input("", "FP32", new long[] {0}, null)), "inputs: every input needs a name");
        Proto twice =
                one(input("x", "FP32", new long[] {0}, null)).message(5, input("x", "FP32", new long[] {0}, null));
        refused(twice, "x: the input stands twice");
        refused(one(input("x", "FLOAT", new long[] {0}, null)), "x: there is no datatype 'FLOAT'");
    }

    @Test
    void whatIsNotOfferedSaysSo() {
        Proto memory = input("x", "FP32", new long[] {1}, null)
                .message(4, parameter("shared_memory_region", Proto.message().text(3, "r")));
        refused(one(memory), ErrorCode.NOT_IMPLEMENTED, "x: the parameter shared_memory_region is not supported");
        Proto sequence = one(input("x", "FP32", new long[] {0}, null))
                .message(4, parameter("sequence_id", Proto.message().whole(2, 5)));
        refused(sequence, ErrorCode.NOT_IMPLEMENTED, "parameters.sequence_id: no model here keeps a state");
        Proto reserved = one(input("x", "FP32", new long[] {0}, null))
                .message(4, parameter("triton_x", Proto.message().whole(1, 1)));
        refused(reserved, "parameters.triton_x: parameters that start with triton_ are reserved");
    }

    @Test
    void noSequenceIsNoSequence() {
        for (Proto none :
                new Proto[] {Proto.message().whole(2, 0), Proto.message().text(3, "")}) {
            read(one(input("x", "FP32", new long[] {0}, null)).message(4, parameter("sequence_id", none)));
        }
    }

    @Test
    void classesAreAskedForByOutput() {
        Proto classes = Proto.message()
                .text(1, "y")
                .message(2, parameter("classification", Proto.message().whole(2, 3)));
        Proto message = one(input("x", "FP32", new long[] {0}, null)).message(6, classes);
        assertThat(read(message).outputs()).containsExactly(new InferRequest.Output("y", 3));
    }

    @Test
    void listsAreBounded() {
        Proto inputs = Proto.message();
        Proto dimensions =
                input("x", "FP32", LongStream.generate(() -> 1).limit(33).toArray(), null);
        for (int i = 0; i <= 4_096; i++) {
            inputs.message(5, Proto.message().text(1, "x" + i));
        }
        refused(inputs, ErrorCode.TOO_LARGE, "inputs: more than 4096 of them");
        refused(one(dimensions), ErrorCode.TOO_LARGE, "shape: more than 32 dimensions");
        Proto parameters = Proto.message();
        for (int i = 0; i <= 256; i++) {
            parameters.message(4, parameter("p" + i, Proto.message().whole(1, 1)));
        }
        refused(parameters, ErrorCode.TOO_LARGE, "parameters: more than 256 of them");
    }

    static Proto one(Proto input) {
        return Proto.message().text(1, "m").message(5, input);
    }

    static Proto input(String name, String type, long[] shape, @org.jspecify.annotations.Nullable Proto contents) {
        Proto input = Proto.message().text(1, name).text(2, type).wholes(3, shape);
        return contents == null ? input : input.message(5, contents);
    }

    static Proto parameter(String key, Proto value) {
        return Proto.message().text(1, key).message(2, value);
    }

    static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }

    private static InferRequest read(Proto message) {
        return InferRequest.read(message.reader(), BYTES_MAX);
    }

    private static Tensor tensor(Proto input) {
        return read(one(input)).inputs().getFirst();
    }

    private static Tensor tensor(Proto input, byte[] raw) {
        return read(one(input).bytes(7, raw)).inputs().getFirst();
    }

    private static void refused(Proto message, String text) {
        refused(message, ErrorCode.INVALID_ARGUMENT, text);
    }

    private static void refused(Proto message, ErrorCode code, String text) {
        assertThatThrownBy(() -> read(message))
                .hasMessageContaining(text)
                .extracting(e -> ((PerennialException) e).code())
                .isEqualTo(code);
    }
}
