package dev.perennial.scorer.http.v2;

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

/** Values behind the JSON, read in one pass and by the full reader: what the first takes the other takes too, to the same row. */
class UsualBinaryTest {
    private static final int CASES = 50_000;
    private static final String JSON_Y = "{\"name\":\"y\",\"datatype\":\"FP64\",\"shape\":[1],\"data\":[2.5]}";

    private final Endpoint endpoint = Endpoints.rows(Column.number("x"), Column.number("y"));
    private final Payloads payloads =
            new Payloads(InstantSource.fixed(Instant.ofEpochMilli(5_000_000)), 10, () -> "made");

    /** JSON, and what stands behind it. */
    private record Body(String json, byte[] raw) {
        byte[] bytes() {
            byte[] head = json.getBytes(StandardCharsets.US_ASCII);
            byte[] all = Arrays.copyOf(head, head.length + raw.length);
            System.arraycopy(raw, 0, all, head.length, raw.length);
            return all;
        }
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static String input(String name, String datatype, String shape, int size) {
        return "{\"name\":\"" + name + "\",\"shape\":" + shape + ",\"datatype\":\"" + datatype
                + "\",\"parameters\":{\"binary_data_size\":" + size + "}}";
    }

    private static Body body(ByteBuffer raw, String... inputs) {
        return new Body("{\"inputs\":[" + String.join(",", inputs) + "]}", raw.array());
    }

    private static Body x(String datatype, ByteBuffer raw) {
        return body(raw, input("x", datatype, "[1,1]", raw.capacity()), JSON_Y);
    }

    /** The row, its id and the form of the answer; nothing when it was not taken. */
    private @Nullable List<String> usual(Body body) {
        List<String> read = new ArrayList<>();
        byte[] bytes = body.bytes();
        int json = body.json().length();
        Payload.Rows rows = payloads.usual(
                endpoint,
                bytes,
                json,
                (all, cursor) ->
                        UsualInfer.read(all, cursor, bytes, json, (id, binary) -> read.add(id + " " + binary)));
        if (rows == null) {
            return null;
        }
        read.addAll(ShownRows.of(rows.rows()));
        return read;
    }

    private List<String> any(Body body) {
        InferRequest request = RequestReader.read(body.bytes(), body.json().length());
        List<String> read = new ArrayList<>(List.of(request.id() + " " + request.binary()));
        Payload payload = payloads.payload(endpoint, request.inputs(), request.missing(), request.id());
        read.addAll(ShownRows.of(((Payload.Rows) payload).rows()));
        return read;
    }

    private void alike(Body body) {
        assertThat(usual(body)).as(body.json()).isEqualTo(any(body));
    }

    private void refusedByTheOther(Body body) {
        assertThat(usual(body)).as(body.json()).isNull();
        assertThatThrownBy(() -> any(body)).isInstanceOf(PerennialException.class);
    }

    @Test
    void valuesStandInTheOrderOfTheInputs() {
        ByteBuffer raw = little(12).putFloat(0.1f).putDouble(-7.25);
        alike(body(raw, input("y", "FP32", "[1]", 4), input("x", "FP64", "[1,1]", 8)));
        alike(body(raw, input("x", "FP32", "[1]", 4), input("y", "FP64", "[1]", 8)));
        assertThat(usual(body(raw, input("x", "FP32", "[1]", 4), input("y", "FP64", "[1]", 8))))
                .last()
                .asString()
                .contains("[0.10000000149011612, -7.25]");
    }

    @ParameterizedTest
    @ValueSource(floats = {0, -0f, 1e-45f, 3.4e38f, Float.NaN, -1.5f})
    void singlesAreRead(float value) {
        alike(x("FP32", little(4).putFloat(value)));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -0.0, 5e-324, 1.7e308, Double.NaN, 0.1})
    void doublesAreRead(double value) {
        alike(x("FP64", little(8).putDouble(value)));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 1L << 53, -(1L << 53)})
    void wholeNumbersAreRead(long value) {
        alike(x("INT64", little(8).putLong(value)));
        alike(x("INT32", little(4).putInt((int) value)));
    }

    @ParameterizedTest
    @ValueSource(longs = {(1L << 53) + 1, Long.MAX_VALUE, Long.MIN_VALUE + 1})
    void wholeNumbersThatADoubleCannotHoldAreLeftToTheReaderThatTells(long value) {
        refusedByTheOther(x("INT64", little(8).putLong(value)));
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void infinitiesAreLeftToTheReaderThatTells(double value) {
        refusedByTheOther(x("FP64", little(8).putDouble(value)));
        refusedByTheOther(x("FP32", little(4).putFloat((float) value)));
    }

    @Test
    void timesAreWholeNumbers() {
        ByteBuffer raw = little(12).putFloat(1).putLong(1_000);
        alike(body(raw, input("x", "FP32", "[1]", 4), input("event_time", "INT64", "[1]", 8), JSON_Y));
        refusedByTheOther(body(raw, input("x", "FP32", "[1]", 4), input("event_time", "FP64", "[1]", 8), JSON_Y));
        ByteBuffer negative = little(12).putFloat(1).putLong(-1);
        refusedByTheOther(body(negative, input("x", "FP32", "[1]", 4), input("event_time", "INT64", "[1]", 8), JSON_Y));
    }

    @Test
    void bytesThatDoNotFitAreLeftToTheReaderThatTells() {
        refusedByTheOther(body(little(4), input("x", "FP32", "[1]", 8), JSON_Y));
        refusedByTheOther(body(little(8), input("x", "FP32", "[1]", 8), JSON_Y));
        refusedByTheOther(body(little(3), input("x", "FP32", "[1]", 4), JSON_Y));
        refusedByTheOther(body(little(5), input("x", "FP32", "[1]", 4), JSON_Y));
        refusedByTheOther(body(little(0), input("x", "FP32", "[1]", 4), JSON_Y));
        refusedByTheOther(body(little(4), input("x", "FP32", "[2]", 4), JSON_Y));
        refusedByTheOther(body(little(4), JSON_Y.replace("\"y\"", "\"x\""), JSON_Y));
    }

    @Test
    void anInputWithItsValueTwiceIsLeftToTheReaderThatTells() {
        String both = JSON_Y.replace("[2.5]}", "[2.5],\"parameters\":{\"binary_data_size\":8}}");
        refusedByTheOther(body(little(12), input("x", "FP32", "[1]", 4), both));
    }

    @Test
    void sharedMemoryIsLeftToTheReaderThatTells() {
        String shared = input("x", "FP32", "[1]", 4).replace("}}", ",\"shared_memory_region\":\"r\"}}");
        refusedByTheOther(body(little(4), shared, JSON_Y));
    }

    @Test
    void woundedBodiesAreTakenByBothToTheSameRowOrLeft() {
        SplittableRandom random = new SplittableRandom(20_261_122);
        int taken = 0;
        for (int i = 0; i < CASES; i++) {
            Body body = wounded(random);
            if (usual(body) != null) {
                taken++;
                alike(body);
            }
        }
        assertThat(taken).isBetween(CASES / 50, CASES);
    }

    private static Body wounded(SplittableRandom random) {
        byte[] raw = new byte[12 + (random.nextInt(8) == 0 ? random.nextInt(5) - 2 : 0)];
        random.nextBytes(raw);
        StringBuilder json = new StringBuilder(
                body(ByteBuffer.wrap(raw), input("x", "FP32", "[1]", 4), input("y", "INT64", "[1,1]", 8))
                        .json()
                        .replace("INT64", random.nextBoolean() ? "INT64" : "FP64"));
        for (int wounds = random.nextInt(3); wounds > 0; wounds--) {
            int at = random.nextInt(json.length());
            int end = Math.min(json.length(), at + random.nextInt(4));
            if (random.nextBoolean()) {
                json.delete(at, end);
            } else {
                json.insert(at, json.substring(at, end));
            }
        }
        return new Body(json.toString(), raw);
    }
}
