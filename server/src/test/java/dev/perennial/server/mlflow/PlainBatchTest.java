package dev.perennial.server.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.PerennialException;
import dev.perennial.tracking.Batch;
import dev.perennial.tracking.KeyValue;
import dev.perennial.tracking.Metric;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainBatchTest {
    private static final String RUN = "\"run_id\":\"r1\"";

    private static Optional<PlainBatch> read(String body) {
        return PlainBatch.of(body.getBytes(StandardCharsets.UTF_8));
    }

    private static PlainBatch plain(String body) {
        return read(body).orElseThrow();
    }

    /** The same by the reader that knows everything. */
    private static Batch whole(String body) {
        Fields fields = Fields.ofBody(body.getBytes(StandardCharsets.UTF_8));
        return new Batch(
                fields.messages("metrics").stream().map(RunCalls::metric).toList(),
                ExperimentCalls.pairs(fields.messages("params")),
                ExperimentCalls.pairs(fields.messages("tags")));
    }

    private static String metric(String value, String at, String step) {
        return "{" + RUN + ",\"metrics\":[{\"key\":\"m\",\"value\":" + value + ",\"timestamp\":" + at + ",\"step\":"
                + step + "}]}";
    }

    @Test
    void metricsParamsAndTagsAreRead() {
        PlainBatch batch = plain(
                "{" + RUN + ", \"metrics\" : [ {\"key\":\"a\",\"value\":1.5,\"timestamp\":7,\"step\":-3},"
                        + "{\"step\":0,\"timestamp\":8,\"value\":-2,\"key\":\"b/c d\"} ],\n"
                        + "\"params\":[{\"key\":\"p\",\"value\":\"\"}],\"tags\":[{\"value\":\"w\",\"key\":\"t\"}]}\r\n");
        assertThat(batch.run()).isEqualTo("r1");
        assertThat(batch.batch())
                .isEqualTo(new Batch(
                        List.of(new Metric("a", 1.5, 7, -3), new Metric("b/c d", -2, 8, 0)),
                        List.of(new KeyValue("p", "")),
                        List.of(new KeyValue("t", "w"))));
    }

    @Test
    void emptyListsAreAnEmptyBatch() {
        assertThat(plain("{" + RUN + ",\"metrics\":[],\"params\":[ ],\"tags\":[]}")
                        .batch())
                .isEqualTo(new Batch(List.of(), List.of(), List.of()));
        assertThat(plain("{" + RUN + "}").batch()).isEqualTo(new Batch(List.of(), List.of(), List.of()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "1",
                "-1",
                "0.1",
                "0.30000000000000004",
                "123456789.123456789",
                "9007199254740993",
                "1e300",
                "-1E-7",
                "1e+5",
                "2.2250738585072014E-308",
                "4.9e-324",
                "1e400",
                "999999999999999999",
                "0.00000000000000000000000123",
                "179769313486231570000000000000000000000.5",
                "-0.5",
                "-0",
                "-0.0",
                "9223372036854775807",
                "-9223372036854775808",
                "-99999999999999999",
                "0.1234567890123456",
                "1234567.8901234567",
                "9007199254740991.5",
                "900719925474099.25",
                "123456789012345.67",
                "0.000000000000000001",
                "12345678901234567890.5"
            })
    void aValueIsTheSameNumberAsTheRealParserReads(String value) {
        String body = metric(value, "1", "1");
        assertThat(plain(body).batch()).isEqualTo(whole(body));
    }

    @Test
    void randomDoublesComeThroughBitByBit() {
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 5_000; i++) {
            double value = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(value) && value != 0) {
                assertThat(plain(metric(Double.toString(value), "1", "1"))
                                .batch()
                                .metrics()
                                .getFirst()
                                .value())
                        .isEqualTo(value);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "\"{}\"",
                "null",
                "{\"run_id\":\"r1\"",
                "{\"run_id\":\"r1\"}x",
                "{\"run_id\":\"r1\",}",
                "{\"run_id\":1}",
                "{\"run_id\":null}",
                "{\"run_id\":\"\"}",
                "{\" run_id\":\"r1\"}",
                "{\"run_id \":\"r1\"}",
                "{\"run\\u005fid\":\"r1\"}",
                "{\"run_id\":\"r1}",
                "{\"run_id\":\"r1\"}{}",
                "\ufeff{\"run_id\":\"r1\"}",
                "{\"run_id\":\"r1\",\"tags\":[{\"key\":\"a\\q\",\"value\":\"v\"}]}",
                "{\"run_id\":\"r1\",\"tags\":[{\"key\":\"a\tb\",\"value\":\"v\"}]}",
                "{\"run_id\":\"r1\",\"tags\":[{\"key\":\"\u0000a\",\"value\":\"v\"}]}",
                "{\"run_id\":\"a/b\"}",
                "{\"run_uuid\":\"r1\"}",
                "{\"runId\":\"r1\"}",
                "{\"run_id\":\"r1\",\"run_id\":\"r2\"}",
                "{\"run_id\":\"r1\",\"other\":1}",
                "{\"run_id\":\"r1\",\"metrics\":null}",
                "{\"run_id\":\"r1\",\"metrics\":{}}",
                "{\"run_id\":\"r1\",\"metrics\":[1]}",
                "{\"run_id\":\"r1\",\"metrics\":[{}]}",
                "{\"run_id\":\"r1\",\"metrics\":[],}",
                "{\"run_id\":\"r1\",\"metrics\":[,]}",
                "{\"run_id\":\"r1\",\"params\":[{\"key\":\"a\"}]}",
                "{\"run_id\":\"r1\",\"params\":[{\"key\":\"a\",\"value\":1}]}",
                "{\"run_id\":\"r1\",\"params\":[{\"key\":\"\",\"value\":\"v\"}]}",
                "{\"run_id\":\"r1\",\"params\":[{\"key\":\"a\",\"key\":\"b\",\"value\":\"v\"}]}",
                "{\"run_id\":\"r1\",\"tags\":[{\"key\":\"a\",\"value\":\"v\",\"more\":\"x\"}]}"
            })
    void whatIsNotPlainIsLeftToTheRealParser(String body) {
        assertThat(read(body)).isEmpty();
    }

    @Test
    void decimalsOfFewDigitsComeThroughBitByBit() {
        SplittableRandom random = new SplittableRandom(11);
        for (int i = 0; i < 20_000; i++) {
            String digits = String.valueOf(random.nextLong(1, 1L << random.nextInt(1, 62)));
            int point = random.nextInt(digits.length());
            String value = (random.nextBoolean() ? "-" : "") + (point == 0 ? "0" : "") + digits.substring(0, point)
                    + "." + digits.substring(point);
            assertThat(plain(metric(value, "1", "1"))
                            .batch()
                            .metrics()
                            .getFirst()
                            .value())
                    .as(value)
                    .isEqualTo(Double.parseDouble(value));
        }
    }

    @Test
    void aTextMayEndWhereAnotherReaderHadToReadIt() {
        String body = "{\"tags\":[{\"key\":\"\u00e4\" , \"value\":\"a\\tb\"},{\"key\":\"\\u0062\",\"value\":\"\"}],"
                + RUN + "}";
        assertThat(plain(body).batch().tags()).containsExactly(new KeyValue("\u00e4", "a\tb"), new KeyValue("b", ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "01",
                "-",
                ".5",
                "1.",
                "1e",
                "1e+",
                "+1",
                "NaN",
                "\"NaN\"",
                "Infinity",
                "\"1\"",
                "null",
                "1234567890123456789012345",
                "true",
                "1x",
                "1 2",
                "0x1",
                "--1"
            })
    void aNumberThatNeedsCareIsLeftToTheRealParser(String value) {
        assertThat(read(metric(value, "1", "1"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.0", "1e3", "\"5\"", "01", "9223372036854775808", "null", ""})
    void aTimeOrStepThatIsNoWholeNumberOf64BitsIsLeftToTheRealParser(String number) {
        assertThat(read(metric("1", number, "1"))).isEmpty();
        assertThat(read(metric("1", "1", number))).isEmpty();
    }

    @Test
    void textsMayBeAnyUnicodeAndEscaped() {
        String body = "{" + RUN + ",\"tags\":[{\"key\":\"\u00e4/\\u00fc\",\"value\":\"\\n\\\"\ud83d\ude00\"}]}";
        assertThat(plain(body).batch()).isEqualTo(whole(body));
        assertThat(plain(body).batch().tags()).containsExactly(new KeyValue("\u00e4/\u00fc", "\n\"\ud83d\ude00"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\u0000", "a\\ud800", "\\ud800b", "\\udc00", "\\udc00\\ud800"})
    void aTextThatCannotBeKeptIsRefusedByTheRealParser(String text) {
        String body = "{" + RUN + ",\"tags\":[{\"key\":\"k\",\"value\":\"" + text + "\"}]}";
        assertThat(read(body)).isEmpty();
        assertThat(told(() -> whole(body))).asString().contains("tags[0].value", "half of a surrogate pair");
    }

    @Test
    void aMetricWithoutAStepOrWithAnOriginIsLeftToTheRealParser() {
        assertThat(read("{" + RUN + ",\"metrics\":[{\"key\":\"m\",\"value\":1,\"timestamp\":1}]}"))
                .isEmpty();
        assertThat(
                        read(
                                "{" + RUN
                                        + ",\"metrics\":[{\"key\":\"m\",\"value\":1,\"timestamp\":1,\"step\":1,\"model_id\":\"m-1\"}]}"))
                .isEmpty();
    }

    /** A batch, or why there is none. */
    private static Object told(Supplier<Batch> batch) {
        try {
            return batch.get();
        } catch (PerennialException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** Whatever is cut from or changed in a body, it is read alike or left alone. */
    @Test
    void aDamagedBodyIsNeverReadDifferently() {
        String body = "{" + RUN + ",\"metrics\":[{\"key\":\"a\",\"value\":1.25e2,\"timestamp\":12,\"step\":3}],"
                + "\"tags\":[{\"key\":\"k\",\"value\":\"v\"}]}";
        String marks = "{}[]\",:0e-.\\ x";
        int same = 0;
        for (int at = 0; at < body.length(); at++) {
            for (char mark : marks.toCharArray()) {
                String damaged = body.substring(0, at) + mark + body.substring(at + 1);
                Optional<PlainBatch> plain = read(damaged);
                if (plain.isPresent()) {
                    assertThat(told(() -> plain.get().batch())).as(damaged).isEqualTo(told(() -> whole(damaged)));
                    same++;
                }
            }
            assertThat(read(body.substring(0, at))).isEmpty();
        }
        assertThat(same).isPositive();
    }
}
