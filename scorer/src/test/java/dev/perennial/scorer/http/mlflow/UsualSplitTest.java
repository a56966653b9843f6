package dev.perennial.scorer.http.mlflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.PerennialException;
import dev.perennial.predictionlog.ColumnType;
import dev.perennial.scorer.Metrics;
import dev.perennial.scorer.http.Payloads;
import dev.perennial.scorer.http.ShownRows;
import dev.perennial.scorer.http.Wounds;
import dev.perennial.scorer.serving.Endpoint;
import dev.perennial.scorer.serving.Endpoints;
import dev.perennial.scorer.serving.Payload;
import dev.perennial.scoring.Column;
import dev.perennial.scoring.schema.MlflowSignature;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The reader of one pass beside the full one: what it takes the other takes too, to the same rows. */
class UsualSplitTest {
    private static final int CASES = 60_000;
    private static final String GOOD =
            "{\"dataframe_split\":{\"columns\":[\"d\",\"f\",\"n\",\"i\",\"s\"],\"index\":[0,1],"
                    + "\"data\":[[0.1,0.1,3,4,\"UA\"],[null,1e-3,-3,-4,null]]}}";
    private static final List<String> TOKENS = List.of(
            "{", "}", "[", "]", ",", "\"", "null", "1e3", "-0", "\"d\"", "1.0", " ", "\\", "true", "NaN", "16777217");

    private final Endpoint endpoint = Endpoints.rows(
            new Column("d", ColumnType.NUMBER, true, "double"),
            new Column("f", ColumnType.NUMBER, true, "float"),
            new Column("n", ColumnType.NUMBER, true, "long"),
            new Column("i", ColumnType.NUMBER, true, "integer"),
            Column.category("s"),
            new Column("o", ColumnType.NUMBER, false, null),
            new Column("b", ColumnType.NUMBER, false, "boolean"));
    private final MlflowSignature signature = Invocations.signature(endpoint.schema());
    private final Payloads payloads =
            new Payloads(InstantSource.fixed(Instant.ofEpochMilli(5_000_000)), 3, () -> "made");
    private final Invocations invocations = new Invocations(payloads, new Metrics(), 3);

    private Payload.@Nullable Rows usual(String body) {
        return payloads.usual(
                endpoint,
                body.getBytes(StandardCharsets.UTF_8),
                (rows, json) -> UsualSplit.read(rows, json, signature));
    }

    private Payload.Rows any(String body) {
        return invocations.any(endpoint, signature, BodyType.JSON, body.getBytes(StandardCharsets.UTF_8));
    }

    private void alike(String body) {
        Payload.Rows usual = usual(body);
        assertThat(usual).as(body).isNotNull();
        assertThat(ShownRows.of(Objects.requireNonNull(usual).rows()))
                .as(body)
                .isEqualTo(ShownRows.of(any(body).rows()));
    }

    private static String row(String values) {
        return "{\"dataframe_split\":{\"columns\":[\"d\",\"f\",\"n\",\"i\",\"s\"],\"data\":[[" + values + "]]}}";
    }

    @Test
    void theUsualFormIsReadInOnePass() {
        alike(GOOD);
        alike(GOOD.replace("\"index\":[0,1],", ""));
        alike(GOOD.replace("\"index\":[0,1],", "").replace("]]}}", "]],\"index\":[7,7]}}"));
        alike(GOOD.replace("\"d\",\"f\",\"n\",\"i\",\"s\"", "\"s\",\"o\",\"d\",\"n\",\"i\",\"f\"")
                .replace("[0.1,0.1,3,4,\"UA\"],[null,1e-3,-3,-4,null]", "[\"UA\",1,2,3,4,5],[null,null,2.5,3,4,0.5]"));
        alike(GOOD.replace(",", " , ").replace(":", " : "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "9007199254740992,16777216,9007199254740992,2147483647,\"\"",
                "1e22,1e22,0,-2147483648,\"a b\"",
                "0.30000000000000004,1.17549435e-12,1,1,\"s\""
            })
    void valuesKeepWhatStrictCastsKeep(String values) {
        alike(row(values));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"1\",1,1,1,\"s\"",
                "1,16777217,1,1,\"s\"",
                "1,1e39,1,1,\"s\"",
                "1,1,1.5,1,\"s\"",
                "1,1,null,1,\"s\"",
                "1,1,1,2147483648,\"s\"",
                "1,1,1,1,5",
                "true,1,1,1,\"s\"",
                "[1],1,1,1,\"s\"",
                "1,1,1,1",
                "1,1,1,1,\"s\",1"
            })
    void whatStrictCastsRefuseIsLeftToThem(String values) {
        assertThat(usual(row(values))).isNull();
        assertThatThrownBy(() -> any(row(values))).isInstanceOf(PerennialException.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-0.0,1,1,1,\"s\"",
                "1,1,1.0,1,\"s\"",
                "NaN,1,1,1,\"s\"",
                "1,1e-42,1,1,\"s\"",
                "1,1,1,1,\"\\u0061\""
            })
    void whatIsRareIsReadByTheOtherReader(String values) {
        assertThat(usual(row(values))).isNull();
        assertThat(any(row(values)).rows()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"index\":[0]", "\"index\":[0,1,2]", "\"columns\":[\"d\"]", "\"more\":1"})
    void membersThatDoNotFitAreLeftToTheReaderThatTells(String member) {
        String body = GOOD.replace("\"index\":[0,1]", member);
        assertThat(usual(body)).isNull();
        assertThatThrownBy(() -> any(body)).isInstanceOf(PerennialException.class);
    }

    @Test
    void columnsThatAreMissingOrStandTwiceAreLeftToTheReaderThatTells() {
        for (String columns : List.of("\"d\",\"f\",\"n\",\"i\",\"i\"", "\"d\",\"f\",\"n\",\"i\",\"o\"")) {
            String body = GOOD.replace("\"d\",\"f\",\"n\",\"i\",\"s\"", columns);
            assertThat(usual(body)).isNull();
            assertThatThrownBy(() -> any(body)).isInstanceOf(PerennialException.class);
        }
    }

    @Test
    void columnsThatTheModelDoesNotKnowAndBooleansAreReadByTheOtherReader() {
        for (String name : List.of("other", "id", "event_time", "b")) {
            String body = row("1,1,1,1,\"s\",true").replace("\"s\"],\"data\"", "\"s\",\"" + name + "\"],\"data\"");
            assertThat(usual(body)).as(name).isNull();
        }
    }

    @Test
    void moreRowsThanAllowedAreLeftToTheReaderThatTells() {
        String one = "[1,1,1,1,\"s\"]";
        String body = row("1,1,1,1,\"s\"").replace(one, String.join(",", List.of(one, one, one, one)));
        assertThat(usual(body)).isNull();
        assertThatThrownBy(() -> any(body)).hasMessageContaining("4 rows; at most 3");
    }

    @Test
    void paramsAndOtherFormatsAreReadByTheOtherReader() {
        assertThat(usual(GOOD.replaceAll("}$", ",\"params\":{}}"))).isNull();
        assertThat(usual("{\"dataframe_records\":[{\"d\":1}]}")).isNull();
        assertThat(usual("{\"dataframe_split\":{}}")).isNull();
        assertThat(usual("{\"dataframe_split\":{\"data\":[[1]],\"columns\":[\"d\"]}}"))
                .isNull();
    }

    @Test
    void woundedBodiesAreTakenByBothToTheSameRowsOrLeft() {
        SplittableRandom random = new SplittableRandom(7);
        int taken = 0;
        for (int i = 0; i < CASES; i++) {
            String body = Wounds.of(GOOD, TOKENS, random);
            if (usual(body) != null) {
                taken++;
                alike(body);
            }
        }
        assertThat(taken).isBetween(CASES / 50, CASES);
    }
}
