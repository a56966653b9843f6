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
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The reader of one pass beside the full one: what it takes the other takes too, to the same row and the same id. */
class UsualInferTest {
    private static final int CASES = 100_000;
    private static final String X = "{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1],\"data\":[0.1]}";
    private static final String Y = "{\"name\":\"y\",\"shape\":[1,1],\"datatype\":\"INT64\",\"data\":[[-3]]}";
    private static final String C = "{\"name\":\"c\",\"datatype\":\"BYTES\",\"shape\":[1],\"data\":[\"UA\"]}";
    private static final List<String> TOKENS = List.of(
            "{", "}", "[", "]", ",", ":", "\"", "null", "1e3", "-0", "\"x\"", "FP64", "INT32", "1.0", " ", "\\",
            "[1,1]", "true");

    private final Endpoint endpoint = Endpoints.rows(Column.number("x"), Column.number("y"), Column.category("c"));
    private final Payloads payloads =
            new Payloads(InstantSource.fixed(Instant.ofEpochMilli(5_000_000)), 10, () -> "made");

    private static String body(String... inputs) {
        return "{\"inputs\":[" + String.join(",", inputs) + "]}";
    }

    private static String x(String datatype, String shape, String data) {
        return "{\"name\":\"x\",\"datatype\":\"" + datatype + "\",\"shape\":" + shape + ",\"data\":" + data + "}";
    }

    /** The rows and the ids that were told; nothing when it was not taken. */
    private @Nullable List<String> usual(String body) {
        List<String> read = new ArrayList<>();
        Payload.Rows rows = payloads.usual(
                endpoint,
                body.getBytes(StandardCharsets.UTF_8),
                (all, json) -> UsualInfer.read(
                        all,
                        json,
                        body.getBytes(StandardCharsets.UTF_8),
                        body.length(),
                        (id, binary) -> read.add(id + " " + binary)));
        if (rows == null) {
            return null;
        }
        read.addAll(ShownRows.of(rows.rows()));
        return read;
    }

    private List<String> any(String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        InferRequest request = RequestReader.read(bytes, bytes.length);
        List<String> read = new ArrayList<>(List.of(request.id() + " " + request.binary()));
        Payload payload = payloads.payload(endpoint, request.inputs(), request.missing(), request.id());
        read.addAll(ShownRows.of(((Payload.Rows) payload).rows()));
        return read;
    }

    private void alike(String body) {
        assertThat(usual(body)).as(body).isEqualTo(any(body));
    }

    private void refusedByTheOther(String body) {
        assertThat(usual(body)).as(body).isNull();
        assertThatThrownBy(() -> any(body)).isInstanceOf(PerennialException.class);
    }

    @Test
    void columnsInAnyOrderMakeTheSameRow() {
        List<String> inputs = new ArrayList<>(List.of(X, Y, C));
        for (int i = 0; i < 6; i++) {
            alike(body(inputs.toArray(String[]::new)));
            Collections.swap(inputs, i % 2, i % 2 + 1);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "FP32|[1]|[0.1]",
                "FP32|[1,1]|[1e-3]",
                "FP32|[1,1]|[[7]]",
                "FP32|[1]|[null]",
                "FP64|[1]|[0.1]",
                "FP64|[ 1 ]|[ 12345678901234 ]",
                "FP64|[1]|[0.12345678901234567890]",
                "FP64|[1]|[5e-324]",
                "FP32|[1]|[0.30000000000000004]",
                "FP64|[1]|[null]",
                "INT32|[1]|[-2147483648]",
                "INT64|[1]|[9007199254740992]",
                "BYTES|[1]|[null]"
            })
    void usualValuesAreReadInOnePass(String datatype, String shape, String data) {
        alike(body(x(datatype, shape, data), Y, C));
    }

    @Test
    void anIdBeforeOrBehindTheInputsNamesTheRow() {
        String inputs = body(X, Y, C).substring(1, body(X, Y, C).length() - 1);
        alike("{\"id\":\"q\"," + inputs + "}");
        alike("{" + inputs + ",\"id\":\"\"}");
        alike("\n{ " + inputs + " , \"id\" : \"7\" }\t");
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "false", " true "})
    void aWishForABinaryAnswerIsKept(String binary) {
        String inputs = body(X, Y, C).substring(1, body(X, Y, C).length() - 1);
        alike("{" + inputs + ",\"parameters\":{\"binary_data_output\":" + binary + "}}");
        alike("{\"parameters\":{\"binary_data_output\":" + binary + "}," + inputs + "}");
        refusedByTheOther("{" + inputs + ",\"parameters\":{\"binary_data_output\":\"" + binary + "\"}}");
    }

    @Test
    void timesAndKeysBelongToTheRow() {
        String times = "{\"name\":\"event_time\",\"datatype\":\"INT64\",\"shape\":[1],\"data\":[1000]}";
        String text =
                "{\"name\":\"predicted_at\",\"datatype\":\"BYTES\",\"shape\":[1],\"data\":[\"1970-01-01T00:00:02Z\"]}";
        String key = "{\"name\":\"id\",\"datatype\":\"BYTES\",\"shape\":[1],\"data\":[\"k\"]}";
        alike(body(X, Y, C, times, text, key));
        alike(body(key, times, X, text, Y, C));
        refusedByTheOther(body(X, Y, C, times, times));
        refusedByTheOther(body(X, Y, C, times.replace("INT64", "FP64")));
        refusedByTheOther(body(X, Y, C, times.replace("1000", "-1")));
        refusedByTheOther(body(X, Y, C, text.replace("Z", "")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "FP32|[1]|[[1]]",
                "FP32|[1]|[1,2]",
                "FP32|[1]|[]",
                "FP32|[1]|1",
                "FP32|[1,1]|[[1],[2]]",
                "FP32|[1]|[1e39]",
                "FP64|[1]|[1e400]",
                "FP64|[1]|[true]",
                "FP64|[1]|[\"1\"]",
                "FP64|[1]|[NaN]",
                "FP64|[1]|[01]",
                "FP64|[1]|[1.]",
                "FP64|[1.0]|[1]",
                "FP64|[-1]|[1]",
                "FP64|[1,1,1]|[1]",
                "FP64|[]|[]",
                "FP64|[2]|[1,2]",
                "FP16|[1]|[1]",
                "fp64|[1]|[1]",
                "INT32|[1]|[2147483648]",
                "INT32|[1]|[1.0]",
                "INT64|[1]|[null]",
                "INT64|[1]|[1e2]",
                "INT64|[1]|[9007199254740993]",
                "BYTES|[1]|[1]",
                "BYTES|[1]|[\"1\"]"
            })
    void whatIsWrongWithAnInputIsLeftToTheReaderThatTells(String datatype, String shape, String data) {
        refusedByTheOther(body(x(datatype, shape, data), Y, C));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "FP32|[1]|[16777217]",
                "FP32|[1]|[-0.0]",
                "FP32|[1]|[1e-42]",
                "FP64|[1]|[9007199254740993]",
                "UINT8|[1]|[7]",
                "BOOL|[1]|[true]"
            })
    void whatIsRareIsReadByTheOtherReader(String datatype, String shape, String data) {
        String body = body(x(datatype, shape, data), Y, C);
        assertThat(usual(body)).isNull();
        assertThat(any(body)).hasSize(2);
    }

    @Test
    void aNameThatIsMissingUnknownOrStandsTwiceIsLeftToTheReaderThatTells() {
        refusedByTheOther(body(X, Y));
        refusedByTheOther(body(X, Y, C, X));
        refusedByTheOther(body(X, Y, C, X.replace("\"x\"", "\"z\"")));
        refusedByTheOther(body(X.replace("\"name\":\"x\",", ""), Y, C));
        refusedByTheOther(body(X.replace("\"name\":\"x\",", "\"name\":\"z\",\"name\":\"x\","), Y, C));
        refusedByTheOther(body(X.replace("FP32\"", "FP32\",\"datatype\":\"FP32\""), Y, C));
        refusedByTheOther(body(X.replace("[0.1]", "[0.1],\"data\":[0.1]"), Y, C));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "{}",
                "{\"inputs\":[]}",
                "{\"inputs\":null}",
                "{\"id\":5,\"inputs\":[]}",
                "{\"inputs\":[7]}"
            })
    void whatIsNoRequestIsLeftToTheReaderThatTells(String body) {
        refusedByTheOther(body);
    }

    @Test
    void membersTwiceAndTextBehindTheEndAreLeftToTheReaderThatTells() {
        String inputs = "\"inputs\":[" + X + "," + Y + "," + C + "]";
        refusedByTheOther("{" + inputs + "," + inputs + "}");
        refusedByTheOther("{\"id\":\"a\"," + inputs + ",\"id\":\"a\"}");
        refusedByTheOther("{" + inputs + "}}");
        refusedByTheOther("{" + inputs + ",}");
        refusedByTheOther("{\"id\":\"a\u0007\"," + inputs + "}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ",\"outputs\":[{\"name\":\"score\"}]",
                ",\"parameters\":{\"timeout\":5}",
                ",\"parameters\":{\"perennial_key\":\"k\"}",
                ",\"model_name\":\"m\"",
                ",\"id\":null",
                ",\"id\":\"\\u0041\""
            })
    void otherMembersAreReadByTheOtherReader(String more) {
        String body = body(X, Y, C).replaceAll("}$", java.util.regex.Matcher.quoteReplacement(more) + "}");
        assertThat(usual(body)).isNull();
        assertThat(any(body)).hasSize(2);
    }

    @Test
    void woundedBodiesAreTakenByBothToTheSameRowOrLeft() {
        SplittableRandom random = new SplittableRandom(20_261_123);
        int taken = 0;
        for (int i = 0; i < CASES; i++) {
            String body = wounded(random);
            if (usual(body) != null) {
                taken++;
                alike(body);
            }
        }
        assertThat(taken).isBetween(CASES / 50, CASES);
    }

    private static String wounded(SplittableRandom random) {
        StringBuilder body = new StringBuilder(body(X, Y, C));
        for (int wounds = random.nextInt(4); wounds > 0; wounds--) {
            int at = random.nextInt(body.length());
            int end = Math.min(body.length(), at + random.nextInt(6));
            switch (random.nextInt(4)) {
                case 0 -> body.delete(at, end);
                case 1 -> body.insert(at, body.substring(at, end));
                default -> body.replace(at, end, TOKENS.get(random.nextInt(TOKENS.size())));
            }
        }
        return body.toString();
    }
}
