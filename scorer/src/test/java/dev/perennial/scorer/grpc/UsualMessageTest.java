package dev.perennial.scorer.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.http.Payloads;
import dev.perennial.scorer.http.ShownRows;
import dev.perennial.scorer.serving.Endpoint;
import dev.perennial.scorer.serving.Endpoints;
import dev.perennial.scorer.serving.Payload;
import dev.perennial.scoring.Column;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One row in one message, read in one pass and by the full reader: what the first takes the other takes too, to the same row. */
class UsualMessageTest {
    private static final int CASES = 50_000;
    private static final int BYTES_MAX = 1 << 20;
    private static final int[] NONE = {};
    private static final int[] ONE = {1};

    private final Endpoint endpoint = Endpoints.rows(Column.number("x"), Column.number("y"), Column.category("word"));
    private final Payloads payloads =
            new Payloads(InstantSource.fixed(Instant.ofEpochMilli(5_000_000)), 10, () -> "made");

    private static Proto tensor(String name, String datatype, int... shape) {
        Proto input = Proto.message().text(1, name).text(2, datatype);
        return shape.length == 0
                ? input
                : input.wholes(3, Arrays.stream(shape).asLongStream().toArray());
    }

    private static byte[] little(Number value) {
        ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        switch (value) {
            case Float single -> bytes.putFloat(single);
            case Double real -> bytes.putDouble(real);
            case Integer whole -> bytes.putInt(whole);
            default -> bytes.putLong(value.longValue());
        }
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    private static byte[] sized(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(4 + bytes.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(bytes.length)
                .put(bytes)
                .array();
    }

    /** The usual three columns, the first with this value. */
    private static Proto raw(String datatype, byte[] x) {
        return Proto.message()
                .text(1, "m")
                .message(5, tensor("x", datatype, 1, 1))
                .message(5, tensor("y", "FP64", 1))
                .message(5, tensor("word", "BYTES", 1))
                .bytes(7, x)
                .bytes(7, little(2.5))
                .bytes(7, sized("blue"));
    }

    /** The usual three columns and another input. */
    private static Proto beside(String name, String datatype, byte[] value) {
        return Proto.message()
                .text(1, "m")
                .message(5, tensor("x", "FP32", 1))
                .message(5, tensor("y", "FP32", 1))
                .message(5, tensor("word", "BYTES", 1))
                .message(5, tensor(name, datatype, 1))
                .bytes(7, little(1f))
                .bytes(7, little(1f))
                .bytes(7, sized("blue"))
                .bytes(7, value);
    }

    /** The usual three columns, the last with these bytes. */
    private static Proto worded(byte[] word) {
        return Proto.message()
                .text(1, "m")
                .message(5, tensor("x", "FP32", 1))
                .message(5, tensor("y", "FP32", 1))
                .message(5, tensor("word", "BYTES", 1))
                .bytes(7, little(1f))
                .bytes(7, little(1f))
                .bytes(7, word);
    }

    private static Proto typed(Proto x, String datatype) {
        return Proto.message()
                .text(1, "m")
                .text(3, "request-7")
                .message(5, tensor("x", datatype, 1).message(5, x))
                .message(5, tensor("y", "FP64", 1, 1).message(5, Proto.message().bytes(7, little(-0.25))))
                .message(
                        5, tensor("word", "BYTES", 1).message(5, Proto.message().text(8, "blue")));
    }

    private @Nullable List<String> usual(byte[] message) {
        UsualMessage usual = UsualMessage.of(message, BYTES_MAX);
        if (usual == null) {
            return null;
        }
        Payload.Rows rows = payloads.usual(endpoint, message.length, usual::read);
        return rows == null ? null : shown(usual.head(), usual.request(), rows);
    }

    private List<String> any(byte[] message) {
        InferRequest request = InferRequest.read(new ProtoReader(message), BYTES_MAX);
        Payloads.wanted(endpoint, request.names());
        String id = request.id().isEmpty() ? null : request.id();
        Payload.Rows rows = (Payload.Rows) payloads.payload(endpoint, request.inputs(), Payloads.Missing.NONE, id);
        return shown(InferRequest.Head.read(new ProtoReader(message)), request, rows);
    }

    private static List<String> shown(InferRequest.Head head, InferRequest request, Payload.Rows rows) {
        List<String> shown = new ArrayList<>(ShownRows.of(rows.rows()));
        shown.add(head.toString());
        shown.add(request.model() + " " + request.version() + " " + request.id() + " " + request.parameters() + " "
                + request.outputs() + " " + request.typed() + " " + rows.key());
        return shown;
    }

    private void alike(Proto message) {
        assertThat(usual(message.bytes())).isNotNull().isEqualTo(any(message.bytes()));
    }

    private void left(Proto message) {
        assertThat(usual(message.bytes())).isNull();
    }

    private void refusedByTheOther(Proto message) {
        left(message);
        assertThatThrownBy(() -> any(message.bytes())).isInstanceOf(PerennialException.class);
    }

    @Test
    void valuesAreTakenWhereverTheyStand() {
        alike(raw("FP32", little(0.1f)));
        assertThat(usual(raw("FP32", little(0.1f)).bytes()))
                .first()
                .asString()
                .contains("made", "[0.10000000149011612, 2.5, ", "blue");
        alike(typed(Proto.message().bytes(6, little(0.1f)), "FP32"));
        assertThat(usual(typed(Proto.message().bytes(6, little(0.1f)), "FP32").bytes()))
                .first()
                .asString()
                .contains("request-7", "[0.10000000149011612, -0.25, ", "blue");
    }

    @Test
    void versionAndIdAreRead() {
        Proto message = Proto.message()
                .text(1, "m")
                .text(2, "7")
                .text(3, "request-7")
                .message(5, tensor("word", "BYTES", 1))
                .message(5, tensor("y", "FP32", 1))
                .message(5, tensor("x", "INT32", 1))
                .bytes(7, sized(""))
                .bytes(7, little(1.5f))
                .bytes(7, little(-3));
        alike(message);
        assertThat(usual(message.bytes())).contains("Head[model=m, version=7, timeoutMicros=0]");
    }

    @ParameterizedTest
    @ValueSource(floats = {0, -0f, 1e-45f, 3.4e38f, Float.NaN, -1.5f})
    void singlesAreRead(float value) {
        alike(raw("FP32", little(value)));
        alike(typed(Proto.message().bytes(6, little(value)), "FP32"));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -0.0, 5e-324, 1.7e308, Double.NaN, 0.1})
    void doublesAreRead(double value) {
        alike(raw("FP64", little(value)));
        alike(typed(Proto.message().bytes(7, little(value)), "FP64"));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 127, 128, Integer.MAX_VALUE, Integer.MIN_VALUE, 1L << 53, -(1L << 53)})
    void wholeNumbersAreRead(long value) {
        alike(raw("INT64", little(value)));
        alike(raw("INT32", little((int) value)));
        alike(typed(Proto.message().wholes(3, value), "INT64"));
        alike(typed(Proto.message().wholes(2, value), "INT32"));
    }

    @ParameterizedTest
    @ValueSource(longs = {(1L << 53) + 1, Long.MAX_VALUE, Long.MIN_VALUE + 1})
    void wholeNumbersThatADoubleCannotHoldAreLeftToTheReaderThatTells(long value) {
        refusedByTheOther(raw("INT64", little(value)));
        refusedByTheOther(typed(Proto.message().wholes(3, value), "INT64"));
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void infinitiesAreLeftToTheReaderThatTells(double value) {
        refusedByTheOther(raw("FP64", little(value)));
        refusedByTheOther(raw("FP32", little((float) value)));
    }

    @Test
    void timesAreWholeNumbersOrTexts() {
        alike(beside("event_time", "INT64", little(1_000L)));
        alike(beside("event_time", "BYTES", sized("1970-01-01T00:00:01Z")));
        refusedByTheOther(beside("event_time", "FP64", little(1_000.0)));
        refusedByTheOther(beside("event_time", "INT64", little(-1L)));
        refusedByTheOther(beside("event_time", "BYTES", sized("yesterday")));
    }

    @Test
    void bytesThatDoNotFitAreLeftToTheReaderThatTells() {
        refusedByTheOther(raw("FP32", little(1.0)));
        refusedByTheOther(raw("FP64", little(1f)));
        refusedByTheOther(raw("FP32", new byte[0]));
        refusedByTheOther(raw("INT64", little(1)));
        refusedByTheOther(raw("BYTES", sized("a number")));
        refusedByTheOther(raw("FP128", little(1f)));
        refusedByTheOther(typed(Proto.message().bytes(6, little(1.0)), "FP32"));
        refusedByTheOther(typed(Proto.message().bytes(7, little(1.0)), "FP32"));
        refusedByTheOther(typed(Proto.message(), "FP32"));
    }

    @Test
    void contentsThatEndBeforeTheirValueAreLeftToTheReaderThatTells() {
        byte[] message = typed(Proto.message().bytes(6, little(1f)), "FP32").bytes();
        String good = new String(message, StandardCharsets.ISO_8859_1);
        int at = good.indexOf("\u002a\u0006\u0032\u0004");
        message[at + 1] = 2;
        assertThat(usual(message)).isNull();
        assertThatThrownBy(() -> any(message)).isInstanceOf(PerennialException.class);
    }

    @Test
    void textsThatDoNotEndWithTheirBytesAreLeftToTheReaderThatTells() {
        byte[] longer = sized("blue!");
        longer[0] = 4;
        byte[] shorter = sized("blue");
        shorter[0] = 5;
        for (byte[] word : List.of(longer, shorter, new byte[] {0, 0, 0}, new byte[] {-1, -1, -1, -1})) {
            refusedByTheOther(worded(word));
        }
    }

    @Test
    void inputsThatAreUnknownTwiceThereOrNotThereAreLeftToTheReaderThatTells() {
        refusedByTheOther(beside("z", "FP32", little(1f)));
        refusedByTheOther(beside("x", "FP32", little(1f)));
        refusedByTheOther(beside("", "FP32", little(1f)));
        refusedByTheOther(
                Proto.message().text(1, "m").message(5, tensor("x", "FP32", 1)).bytes(7, little(1f)));
        refusedByTheOther(Proto.message().text(1, "m"));
        refusedByTheOther(raw("FP32", little(1f)).bytes(7, little(1f)));
    }

    @Test
    void contentsThatStandInBothPlacesAreLeftToTheReaderThatTells() {
        refusedByTheOther(typed(Proto.message().bytes(6, little(1f)), "FP32")
                .bytes(7, little(1f))
                .bytes(7, little(1.0))
                .bytes(7, sized("blue")));
    }

    @Test
    void parametersAndOutputsAreLeftToTheFullReader() {
        left(raw("FP32", little(1f))
                .message(
                        4,
                        Proto.message()
                                .text(1, "timeout")
                                .message(2, Proto.message().whole(2, 5))));
        left(Proto.message()
                .text(1, "m")
                .message(5, tensor("x", "FP32", 1))
                .message(6, Proto.message().text(1, "score"))
                .bytes(7, little(1f)));
        left(raw("FP32", little(1f)).whole(9, 1));
    }

    @Test
    void severalRowsAndShapesOfOtherKindsAreLeftToTheFullReader() {
        for (int[] shape : List.of(NONE, new int[] {2}, new int[] {1, 2}, new int[] {1, 1, 1}, new int[] {0})) {
            left(Proto.message()
                    .text(1, "m")
                    .message(5, tensor("x", "FP32", shape))
                    .message(5, tensor("y", "FP32", ONE))
                    .message(5, tensor("word", "BYTES", ONE))
                    .bytes(7, little(1f))
                    .bytes(7, little(1f))
                    .bytes(7, sized("blue")));
        }
    }

    @Test
    void longAndForeignTextsAreLeftToTheFullReaderThatTakesThem() {
        for (String word : List.of("l".repeat(200), "gr\u00fcn")) {
            Proto message = worded(sized(word));
            left(message);
            assertThat(any(message.bytes())).first().asString().contains(word);
        }
    }

    @Test
    void anIdOfControlCharactersIsLeftToTheReaderThatTells() {
        refusedByTheOther(Proto.message()
                .text(1, "m")
                .text(3, "a\nb")
                .message(5, tensor("x", "FP32", 1))
                .message(5, tensor("y", "FP32", 1))
                .message(5, tensor("word", "BYTES", 1))
                .bytes(7, little(1f))
                .bytes(7, little(1f))
                .bytes(7, sized("blue")));
    }

    @Test
    void moreThanTheLimitIsLeftToTheReaderThatTells() {
        byte[] message = raw("FP32", little(1f)).bytes();
        assertThat(UsualMessage.of(message, 24)).isNotNull();
        assertThat(UsualMessage.of(message, 23)).isNull();
    }

    @Test
    void everyBeginningOfAMessageIsTakenByBothOrLeft() {
        for (Proto good : List.of(raw("FP32", little(1f)), typed(Proto.message().bytes(6, little(1f)), "FP32"))) {
            byte[] whole = good.bytes();
            for (int length = 0; length < whole.length; length++) {
                byte[] part = Arrays.copyOf(whole, length);
                assertThat(usual(part)).as("the first %d bytes", length).isNull();
            }
        }
    }

    @Test
    void woundedMessagesAreTakenByBothToTheSameRowOrLeft() {
        SplittableRandom random = new SplittableRandom(20_261_122);
        int taken = 0;
        for (int i = 0; i < CASES; i++) {
            byte[] message = wounded(random);
            List<String> usual = usual(message);
            if (usual != null) {
                taken++;
                assertThat(usual).as(Arrays.toString(message)).isEqualTo(any(message));
            }
        }
        assertThat(taken).isBetween(CASES / 50, CASES);
    }

    private static byte[] wounded(SplittableRandom random) {
        byte[] value = new byte[random.nextBoolean() ? 4 : 8];
        random.nextBytes(value);
        boolean single = value.length == 4;
        Proto good = switch (random.nextInt(4)) {
            case 0 -> raw(single ? "FP32" : "FP64", value);
            case 1 -> raw(single ? "INT32" : "INT64", value);
            case 2 -> typed(Proto.message().bytes(single ? 6 : 7, value), single ? "FP32" : "FP64");
            default -> typed(Proto.message().wholes(3, random.nextLong() >> random.nextInt(64)), "INT64");
        };
        byte[] bytes = good.bytes();
        for (int wounds = random.nextInt(3); wounds > 0; wounds--) {
            int at = random.nextInt(bytes.length);
            int length = random.nextInt(3);
            bytes = switch (random.nextInt(3)) {
                case 0 -> spliced(bytes, at, Math.min(bytes.length, at + length), new byte[0]);
                case 1 -> spliced(bytes, at, at, Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + length)));
                default -> spliced(bytes, at, at + 1, new byte[] {(byte) random.nextInt()});
            };
        }
        return bytes;
    }

    private static byte[] spliced(byte[] bytes, int from, int to, byte[] with) {
        return ByteBuffer.allocate(bytes.length - (to - from) + with.length)
                .put(bytes, 0, from)
                .put(with)
                .put(bytes, to, bytes.length - to)
                .array();
    }
}
