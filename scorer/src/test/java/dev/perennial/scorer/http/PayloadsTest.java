package dev.perennial.scorer.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.predictionlog.Role;
import dev.perennial.scorer.serving.Answer;
import dev.perennial.scorer.serving.ColumnRows;
import dev.perennial.scorer.serving.Endpoint;
import dev.perennial.scorer.serving.Endpoints;
import dev.perennial.scorer.serving.Instance;
import dev.perennial.scorer.serving.Outcome;
import dev.perennial.scorer.serving.Payload;
import dev.perennial.scoring.Column;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.Tensor;
import dev.perennial.tensors.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PayloadsTest {
    private static final long NOW = 1_000_000;
    private static final int ROWS_MAX = 3;

    private final AtomicInteger made = new AtomicInteger();
    private final Payloads payloads = new Payloads(
            InstantSource.fixed(Instant.ofEpochMilli(NOW)), ROWS_MAX, () -> "made-" + made.incrementAndGet());
    private final Endpoint rows = Endpoints.rows(Column.number("x"), Column.category("c"));

    private List<Instance> rows(@Nullable String id, Tensor... inputs) {
        return rows(Payloads.Missing.NONE, id, inputs);
    }

    private List<Instance> rows(Payloads.Missing missing, @Nullable String id, Tensor... inputs) {
        return ((Payload.Rows) payloads.payload(rows, List.of(inputs), missing, id)).rows();
    }

    private static Tensor numbers(String name, double... values) {
        return Tensor.doubles(name, values);
    }

    private static Tensor longs(String name, DataType type, long... values) {
        ByteBuffer raw = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asLongBuffer().put(values);
        return Tensor.of(name, type, new long[] {values.length}, raw);
    }

    private static Tensor texts(String name, String... values) {
        byte[][] strings = new byte[values.length][];
        for (int i = 0; i < values.length; i++) {
            strings[i] = values[i].getBytes(StandardCharsets.UTF_8);
        }
        return Tensor.bytes(name, new long[] {values.length}, strings);
    }

    private static Tensor zeros(String name, DataType type, long... shape) {
        return Tensor.of(name, type, shape, ByteBuffer.allocate(Tensor.elements(shape) * type.bytes()));
    }

    @Test
    void oneTensorForEachColumnMakesRows() {
        List<Instance> instances = rows(null, numbers("x", 1, 2), texts("c", "a", "b"), texts("id", "p", "q"));

        assertThat(instances).extracting(Instance::id).containsExactly("p", "q");
        assertThat(instances.get(1).row().number(0)).isEqualTo(2);
        assertThat(instances.get(1).row().text(1)).isEqualTo("b");
        assertThat(instances.get(1).predictedAt()).isEqualTo(NOW);
    }

    @Test
    void withoutAKeyTheRequestNamesItsOnlyRow() {
        assertThat(rows("call", numbers("x", 1), texts("c", "a")))
                .extracting(Instance::id)
                .containsExactly("call");
    }

    @Test
    void withoutAKeyTheRequestNamesItsRowsByNumber() {
        assertThat(rows("call", numbers("x", 1, 2), texts("c", "a", "b")))
                .extracting(Instance::id)
                .containsExactly("call#0", "call#1");
    }

    @Test
    void withoutAKeyAndWithoutANameEachRowGetsANewOne() {
        assertThat(rows(null, numbers("x", 1, 2), texts("c", "a", "b")))
                .extracting(Instance::id)
                .containsExactly("made-1", "made-2");
    }

    @Test
    void timesComeAsMillisecondsOrAsText() {
        Instance instance = rows(
                        null,
                        numbers("x", 1),
                        texts("c", "a"),
                        longs("predicted_at", DataType.INT64, 5),
                        texts("event_time", "1970-01-01T00:00:00.007Z"))
                .getFirst();
        assertThat(instance.predictedAt()).isEqualTo(5);
        assertThat(instance.eventTime()).isEqualTo(7);
    }

    @Test
    void aTimeThatIsAFractionIsNoTime() {
        assertThatThrownBy(() -> rows(null, numbers("x", 1), texts("c", "a"), numbers("event_time", 1.5)))
                .hasMessage(
                        "event_time: '1.5' is no time; send epoch milliseconds or ISO text such as 2013-04-01T08:15:00Z");
    }

    @Test
    void notANumberIsAMissingNumber() {
        Instance instance =
                rows(null, numbers("x", Double.NaN), texts("c", "a")).getFirst();
        assertThat(instance.row().number(0)).isNaN();
        assertThat(instance.given()[0]).isTrue();
    }

    @Test
    void aTextMayBeMissing() {
        Instance instance = rows((input, row) -> input == 1, null, numbers("x", 1), texts("c", ""))
                .getFirst();
        assertThat(instance.row().text(1)).isNull();
    }

    @ParameterizedTest
    @EnumSource(names = "BYTES", mode = EnumSource.Mode.EXCLUDE)
    void everyNumberTypeFitsANumberColumn(DataType type) {
        assertThat(rows(null, zeros("x", type, 1), texts("c", "a"))
                        .getFirst()
                        .row()
                        .number(0))
                .isZero();
    }

    @Test
    void anInfiniteNumberIsTooLarge() {
        assertThatThrownBy(() -> rows(null, numbers("x", Double.NEGATIVE_INFINITY), texts("c", "a")))
                .hasMessage("x: the number is infinite, or too large for a double");
    }

    @ParameterizedTest
    @CsvSource({
        "INT64, 9007199254740993, 9007199254740993",
        "INT64, -9007199254740993, -9007199254740993",
        "UINT64, -1, 18446744073709551615",
        "INT64, 9223372036854775807, 9223372036854775807"
    })
    void aWholeNumberIsNeverRounded(DataType type, long bits, String shown) {
        assertThatThrownBy(() -> rows(null, longs("x", type, bits), texts("c", "a")))
                .hasMessage("x: expected a number, got the whole number " + shown + ", which a double cannot hold");
    }

    @ParameterizedTest
    @CsvSource({
        "INT64, 9007199254740992, 9007199254740992",
        "INT64, -9223372036854775808, -9223372036854775808",
        "UINT64, -9223372036854775808, 9223372036854775808",
        "INT64, 9007199254740994, 9007199254740994"
    })
    void aLargeWholeNumberThatADoubleHoldsIsTaken(DataType type, long bits, double number) {
        assertThat(rows(null, longs("x", type, bits), texts("c", "a"))
                        .getFirst()
                        .row()
                        .number(0))
                .isEqualTo(number);
    }

    @Test
    void bytesThatAreNoTextAreRefusedForACategory() {
        Tensor odd = Tensor.bytes("c", new long[] {1}, new byte[][] {{(byte) 0xff}});
        assertThatThrownBy(() -> rows(null, numbers("x", 1), odd))
                .hasMessage("c: expected a text, got bytes that are not UTF-8");
    }

    @Test
    void theReplacementCharacterItselfIsText() {
        assertThat(rows(null, numbers("x", 1), texts("c", "\ufffd"))
                        .getFirst()
                        .row()
                        .text(1))
                .isEqualTo("\ufffd");
    }

    private final Endpoint columns = Endpoints.rows(Column.number("x"), Column.number("y"));

    private List<Instance> columns(Tensor... inputs) {
        return ((Payload.Rows) payloads.payload(columns, List.of(inputs), Payloads.Missing.NONE, null)).rows();
    }

    @ParameterizedTest
    @EnumSource(
            names = {"BYTES", "INT64", "UINT64"},
            mode = EnumSource.Mode.EXCLUDE)
    void severalRowsOfNumbersStayInTheirColumns(DataType type) {
        assertThat(columns(zeros("y", type, 2, 1), zeros("x", type, 2)))
                .isInstanceOf(ColumnRows.class)
                .extracting(row -> row.row().number(0))
                .containsExactly(0.0, 0.0);
    }

    @Test
    void oneRowAndWholeNumbersOf64BitsAreReadRowByRow() {
        assertThat(columns(numbers("x", 1), numbers("y", 1))).isNotInstanceOf(ColumnRows.class);
        List<Instance> wide = columns(longs("x", DataType.INT64, 1, 2), numbers("y", 1, 2));
        assertThat(wide).isNotInstanceOf(ColumnRows.class).hasSize(2);
    }

    @Test
    void keysAndTimesOfSeveralRowsAreReadRowByRow() {
        List<Instance> keyed = columns(numbers("x", 1, 2), numbers("y", 1, 2), texts("id", "a", "b"));
        assertThat(keyed).extracting(Instance::id).containsExactly("a", "b");
        List<Instance> timed =
                columns(numbers("x", 1, 2), numbers("y", 1, 2), longs("event_time", DataType.INT64, 3, 4));
        assertThat(timed).extracting(Instance::eventTime).containsExactly(3L, 4L);
    }

    @Test
    void whatIsWrongWithColumnsIsToldAsOfRows() {
        assertThatThrownBy(() -> columns(numbers("x", 1, Double.POSITIVE_INFINITY), numbers("y", 1, 2)))
                .hasMessage("row 1.x: the number is infinite, or too large for a double");
        assertThatThrownBy(() -> columns(numbers("x", 1, 2)))
                .hasMessage(
                        "row 0.y: the column is missing; send null for a value that is not known; row 1.y: the column"
                                + " is missing; send null for a value that is not known");
        assertThatThrownBy(() -> columns(numbers("x", 1, 2), numbers("y", 1, 2, 3)))
                .hasMessage("y: it has 3 rows, the first input 2");
        assertThatThrownBy(() -> columns(numbers("x", 1, 2), numbers("y", 1, 2), numbers("z", 1, 2)))
                .hasMessageStartingWith("row 0.z: unknown column; this endpoint takes x, y, id");
        assertThatThrownBy(() -> columns(numbers("x", 1, 2, 3, 4), numbers("y", 1, 2, 3, 4)))
                .hasMessage("x: 4 rows; at most 3 are possible in one request (--batch-rows)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"0|[0]", "1 2|[1, 2]", "1 1 1|[1, 1, 1]", "2 0|[2, 0]"})
    void otherShapesAreNoColumns(String sizes, String shown) {
        long[] shape = java.util.Arrays.stream(sizes.split(" "))
                .mapToLong(Long::parseLong)
                .toArray();
        assertThatThrownBy(() -> rows(null, zeros("x", DataType.FP64, shape)))
                .hasMessage("x: its shape " + shown + " must be [n] or [n,1] with n of 1 or more");
    }

    @Test
    void moreRowsThanAllowedAreTooLarge() {
        assertThatThrownBy(() -> rows(null, numbers("x", 1, 2, 3, 4)))
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_LARGE))
                .hasMessage("x: 4 rows; at most 3 are possible in one request (--batch-rows)");
    }

    @Test
    void columnsOfUnequalLengthAreNamed() {
        assertThatThrownBy(() -> rows(null, numbers("x", 1, 2), texts("c", "a")))
                .hasMessage("c: it has 1 rows, the first input 2");
    }

    @Test
    void anInputThatStandsTwiceIsNamed() {
        assertThatThrownBy(() -> rows(null, numbers("x", 1), numbers("x", 2))).hasMessage("x: the input stands twice");
    }

    @Test
    void aRequestWithoutInputsIsRefused() {
        assertThatThrownBy(() -> rows(null)).hasMessage("inputs: a request needs at least one input");
    }

    @Test
    void aNameWithAControlCharacterIsRefused() {
        assertThatThrownBy(() -> rows("a\u0001", numbers("x", 1), texts("c", "a")))
                .hasMessage("id: the text holds the control character 1 at position 1");
    }

    @Test
    void aModelOfTensorsGetsThemAsTheyAre() {
        Endpoint endpoint = Endpoints.tensors(new TensorSpec("t", DataType.FP32, List.of(-1L, 2L)));
        Tensor tensor = zeros("t", DataType.FP32, 3, 2);
        assertThat(payloads.payload(endpoint, List.of(tensor), Payloads.Missing.NONE, null))
                .isEqualTo(new Payload.Tensors(List.of(tensor)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "FP64|2,2|t: expected FP32[-1,2], got FP64[2,2]",
                "FP32|2,3|t: expected FP32[-1,2], got FP32[2,3]",
                "FP32|4|t: expected FP32[-1,2], got FP32[4]"
            })
    void whatDoesNotFitTheModelIsNamedWithBothSides(DataType type, String sizes, String message) {
        Endpoint endpoint = Endpoints.tensors(new TensorSpec("t", DataType.FP32, List.of(-1L, 2L)));
        long[] shape = java.util.Arrays.stream(sizes.split(","))
                .mapToLong(Long::parseLong)
                .toArray();
        assertThatThrownBy(
                        () -> payloads.payload(endpoint, List.of(zeros("t", type, shape)), Payloads.Missing.NONE, null))
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
                .hasMessage(message);
    }

    @Test
    void unknownAndMissingInputsOfAModelAreToldTogether() {
        Endpoint endpoint = Endpoints.tensors(
                new TensorSpec("a", DataType.FP32, List.of(-1L)), new TensorSpec("b", DataType.BYTES, List.of(-1L)));
        assertThatThrownBy(() -> payloads.payload(
                        endpoint, List.of(zeros("a", DataType.FP32, 1), numbers("z", 1)), Payloads.Missing.NONE, null))
                .hasMessage("z: unknown input; the model takes [a, b]; b: the input is missing; expected BYTES[-1]");
    }

    @Test
    void nullIsNoTextForAModelOfTensors() {
        Endpoint endpoint = Endpoints.tensors(new TensorSpec("b", DataType.BYTES, List.of(-1L)));
        assertThatThrownBy(() ->
                        payloads.payload(endpoint, List.of(texts("b", "", "")), (input, element) -> element == 1, null))
                .hasMessage("b: null is no BYTES");
    }

    @Test
    void withoutWishesRowsAnswerTheirScoreAlone() {
        assertThat(Payloads.wanted(rows, List.of())).containsExactly("score");
    }

    @Test
    void withoutWishesAModelGivesAllItsOutputsInItsOrder() {
        Endpoint endpoint = Endpoints.tensors(
                new TensorSpec("b", DataType.FP32, List.of(-1L)), new TensorSpec("a", DataType.FP32, List.of(-1L)));
        assertThat(Payloads.wanted(endpoint, List.of())).containsExactly("b", "a");
    }

    @Test
    void wishesKeepTheirOrder() {
        assertThat(Payloads.wanted(rows, List.of("role", "score"))).containsExactly("role", "score");
    }

    @Test
    void anUnknownOutputIsNamedWithThoseThereAre() {
        assertThatThrownBy(() -> Payloads.wanted(rows, List.of("scores")))
                .hasMessage("outputs: output 'scores' is unknown; there are [score, prediction_id, version, role]");
    }

    @Test
    void anOutputThatStandsTwiceIsRefused() {
        assertThatThrownBy(() -> Payloads.wanted(rows, List.of("score", "score")))
                .hasMessage("outputs: output 'score' stands twice");
    }

    @Test
    void answersBecomeTheTensorsThatWereAskedFor() {
        Outcome.Scored scored =
                scored(new Answer("p", 0.25, "m/7", Role.CHAMPION), new Answer("q", 0.5, "m/8", Role.CANARY));
        List<Tensor> outputs = Payloads.outputs(scored, List.of("role", "prediction_id", "version", "score"));
        assertThat(outputs)
                .extracting(Tensor::toString)
                .containsExactly("role BYTES[2]", "prediction_id BYTES[2]", "version BYTES[2]", "score FP64[2]");
        assertThat(outputs.get(0).text(1)).isEqualTo("canary");
        assertThat(outputs.get(1).text(0)).isEqualTo("p");
        assertThat(outputs.get(2).text(1)).isEqualTo("m/8");
        assertThat(outputs.get(3).number(1)).isEqualTo(0.5);
    }

    @Test
    void oneAnswerTellsOfItselfAndSeveralDoNot() {
        Answer answer = new Answer("p", 0.25, "m/7", Role.FALLBACK);
        assertThat(Payloads.facts(scored(answer)))
                .isEqualTo(Map.of("prediction_id", "p", "version", "m/7", "role", "fallback", "fallback", "m/7"));
        assertThat(Payloads.facts(scored(answer, answer)))
                .as("that something fell back is told of many rows too")
                .isEqualTo(Map.of("fallback", "m/7"));
        Answer own = new Answer("q", 0.25, "m/7", Role.CHAMPION);
        assertThat(Payloads.facts(scored(own, own))).isEmpty();
    }

    @Test
    void aModelThatOwesAnOutputIsAtFault() {
        Outcome.Computed computed = new Outcome.Computed(rows, "m/7", List.of(numbers("a", 1)), () -> {});
        assertThatThrownBy(() -> Payloads.outputs(computed, List.of("b")))
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL));
    }

    @Test
    void versionsAreKnownByTheirNumbers() {
        assertThat(Endpoint.number("flights/12")).isEqualTo("12");
        assertThat(Endpoint.number("12")).isEqualTo("12");
    }

    private Outcome.Scored scored(Answer... answers) {
        return new Outcome.Scored(rows, List.of(answers), true, () -> {});
    }
}
