package dev.perennial.scorer.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.serving.Endpoint;
import dev.perennial.scorer.serving.Endpoints;
import dev.perennial.scorer.serving.Instance;
import dev.perennial.scoring.Column;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The reader of one pass beside the full one: what it takes the other takes too, to the same rows. */
class UsualRecordsTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.ofEpochMilli(5_000_000));
    private static final int ROWS_MAX = 3;
    private static final int CASES = 60_000;
    private static final String GOOD =
            "{\"records\":[{\"id\":\"a\",\"x\":1.5,\"y\":-2,\"c\":\"UA\",\"event_time\":1000}]}";
    private static final List<String> TOKENS = List.of(
            "{", "}", "[", "]", ",", ":", "\"", "null", "1e3", "-0", "\"x\"", "\"id\"", "0.5", " ", "\\", "true");

    private final Endpoint endpoint = Endpoints.rows(Column.number("x"), Column.number("y"), Column.category("c"));
    private final RecordsReader reader = new RecordsReader(CLOCK, ROWS_MAX, () -> "made");

    private @Nullable List<Instance> usual(String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        return new UsualRows(endpoint, CLOCK, ROWS_MAX, () -> "made").read(bytes, bytes.length, UsualRecords::read);
    }

    private List<Instance> any(String body) {
        return reader.any(endpoint, body.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                GOOD,
                "{\"records\":[{\"event_time\":1000,\"c\":\"UA\",\"y\":-2,\"x\":1.5,\"id\":\"a\"}]}",
                " { \"records\" : [ { \"id\" : 7 , \"x\" : null , \"y\" : 1e-3 , \"c\" : null , \"event_time\" :"
                        + " \"1970-01-01T00:00:01Z\" } ] } \n",
                "{\"records\":[{\"id\":\"a\",\"x\":1,\"y\":2,\"c\":\"\",\"event_time\":1,\"predicted_at\":2},"
                        + "{\"c\":\"d\",\"id\":\"b\",\"x\":3,\"y\":4,\"event_time\":1}]}"
            })
    void theUsualFormIsReadInOnePassToTheSameRows(String body) {
        assertThat(ShownRows.of(Objects.requireNonNull(usual(body)))).isEqualTo(ShownRows.of(any(body)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{\"records\":[]}",
                "{\"records\":[{}]}",
                "{\"records\":[{\"id\":\"a\",\"x\":1,\"x\":1,\"y\":2,\"c\":\"d\",\"event_time\":1}]}",
                "{\"records\":[{\"id\":\"a\",\"x\":1,\"y\":2,\"c\":\"d\",\"event_time\":1,\"event_time\":1}]}",
                "{\"records\":[{\"id\":\"a\",\"x\":1,\"y\":2,\"c\":\"d\",\"event_time\":null}]}",
                "{\"records\":[{\"id\":\"a\",\"x\":1,\"y\":2,\"c\":\"d\",\"event_time\":1.0}]}",
                "{\"records\":[{\"id\":\"a\",\"x\":1,\"y\":2,\"c\":\"d\",\"event_time\":-1}]}",
                "{\"records\":[{\"id\":\"a\",\"x\":1,\"y\":2,\"c\":\"d\"}]}",
                "{\"records\":[{\"id\":\"\",\"x\":1,\"y\":2,\"c\":\"d\",\"event_time\":1}]}",
                "{\"records\":[{\"x\":1,\"y\":2,\"c\":\"d\",\"event_time\":1}]}",
                "{\"records\":[{\"id\":\"a\",\"x\":1,\"c\":\"d\",\"event_time\":1}]}",
                "{\"records\":[{\"id\":\"a\",\"x\":\"1\",\"y\":2,\"c\":\"d\",\"event_time\":1}]}",
                "{\"records\":[{\"id\":\"a\",\"x\":true,\"y\":2,\"c\":\"d\",\"event_time\":1}]}",
                "{\"records\":[{\"id\":\"a\",\"x\":[1],\"y\":2,\"c\":\"d\",\"event_time\":1}]}",
                "{\"records\":[{\"id\":\"a\",\"x\":1,\"y\":2,\"c\":3,\"event_time\":1}]}",
                "{\"records\":[{\"id\":\"a\",\"x\":1,\"y\":2,\"c\":\"d\",\"z\":1,\"event_time\":1}]}",
                "{\"records\":[{\"id\":\"a\",\"x\":1,\"y\":2,\"c\":\"d\",\"event_time\":1,\"predicted_at\":99999999999}]}",
                "{\"records\":[{\"id\":\"a\",\"x\":1,\"y\":2,\"c\":\"d\",\"event_time\":1}],\"more\":1}",
                "{\"records\":[{\"id\":\"a\",\"x\":1,\"y\":2,\"c\":\"d\",\"event_time\":1}]} {}",
                "{\"records\":[{\"id\":\"a\",\"x\":1,\"y\":2,\"c\":\"d\",\"event_time\":1},]}"
            })
    void whatIsWrongIsLeftToTheReaderThatTells(String body) {
        assertThat(usual(body)).isNull();
        assertThatThrownBy(() -> any(body)).isInstanceOf(PerennialException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"records\":[{\"id\":\"a\",\"x\":-0.0,\"y\":2,\"c\":\"d\",\"event_time\":1}]}",
                "{\"records\":[{\"id\":\"a\",\"x\":12345678901234567890,\"y\":2,\"c\":\"d\",\"event_time\":1}]}",
                "{\"records\":[{\"id\":\"a\",\"x\":1,\"y\":2,\"c\":\"\u00e9\",\"event_time\":1}]}",
                "{\"records\":[{\"id\":\"a\",\"x\":1,\"y\":2,\"c\":\"\\u0061\",\"event_time\":1}]}",
                "{\"records\":[{\"\\u0069d\":\"a\",\"x\":1,\"y\":2,\"c\":\"d\",\"event_time\":1}]}"
            })
    void whatIsRareIsReadByTheOtherReader(String body) {
        assertThat(usual(body)).isNull();
        assertThat(reader.read(endpoint, body.getBytes(StandardCharsets.UTF_8))).hasSize(1);
    }

    @Test
    void moreRowsThanAllowedAreLeftToTheReaderThatTells() {
        String record = GOOD.substring(12, GOOD.length() - 2);
        String body = "{\"records\":[" + String.join(",", List.of(record, record, record, record)) + "]}";
        assertThat(usual(body)).isNull();
        assertThatThrownBy(() -> any(body)).hasMessageContaining("more than 3 records");
    }

    @Test
    void bodiesThatCouldHoldMoreTokensThanAllowedAreLeftToTheOtherReader() {
        String body = " ".repeat(1 << 20) + GOOD;
        assertThat(usual(body)).isNull();
        assertThat(any(body)).hasSize(1);
    }

    @Test
    void woundedBodiesAreTakenByBothToTheSameRowsOrLeft() {
        SplittableRandom random = new SplittableRandom(11);
        int taken = 0;
        for (int i = 0; i < CASES; i++) {
            String body = Wounds.of(GOOD, TOKENS, random);
            List<Instance> usual = usual(body);
            if (usual != null) {
                taken++;
                assertThat(ShownRows.of(usual)).as(body).isEqualTo(ShownRows.of(any(body)));
            }
        }
        assertThat(taken).isBetween(CASES / 50, CASES);
    }
}
