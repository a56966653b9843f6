package dev.perennial.scoring.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.PerennialException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StrictCastTest {
    private static @Nullable Object cast(String type, boolean required, String value) {
        return read(type, required, "{\"inputs\":{\"v\":[" + value + "]}}");
    }

    private static @Nullable Object read(String type, boolean required, String body) {
        ColumnSpec column = ColumnSpec.of("v", ScalarType.valueOf(type.toUpperCase(Locale.ROOT)), required);
        return one(column, body);
    }

    private static @Nullable Object one(ColumnSpec column, String body) {
        MlflowSignature signature = new MlflowSignature(List.of(column), List.of(), List.of());
        return Enforced.json(signature, Caster.STRICT, body.getBytes(StandardCharsets.UTF_8), 10)
                .columns()
                .getFirst()
                .getFirst();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            integer | 2147483647            | 2147483647
            integer | 2.0                   | 2
            integer | -2.1e1                | -21
            integer | -0.0                  | 0
            long    | 9007199254740993      | 9007199254740993
            long    | 9007199254740993.0    | 9007199254740993
            long    | 3e10                  | 30000000000
            float   | 0.1                   | 0.10000000149011612
            float   | 16777216              | 1.6777216E7
            double  | 0.1                   | 0.1
            double  | 9007199254740992      | 9.007199254740992E15
            double  | -0.0                  | -0.0
            double  | 123456789012345680000 | 1.2345678901234568E20
            double  | null                  | NaN
            double  | NaN                   | NaN
            double  | -Infinity             | -Infinity
            string  | ""                    | ''
            boolean | false                 | false
            """)
    void whatKeepsItsValuePasses(String type, String value, String expected) {
        assertThat(String.valueOf(cast(type, true, value))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            boolean  | 1                     | expected boolean, got the number 1
            boolean  | "true"                | expected boolean, got the text 'true'
            integer  | 1.7                   | expected integer, got the number 1.7
            integer  | 2147483648            | expected integer, got the number 2147483648, which is out of its range
            integer  | true                  | expected integer, got true
            integer  | NaN                   | expected integer, got the number NaN
            long     | 9223372036854775808   | expected long, got the number 9223372036854775808, which is out of its range
            long     | 1e300                 | expected long, got the number 1E+300, which is out of its range
            long     | 1e999999              | expected long, got the number 1E+999999
            float    | 1e39                  | expected float, got the number 1E+39, which is out of its range
            float    | 1e-60                 | expected float, got the number 1E-60, which is out of its range
            float    | 16777217              | expected float, got the number 16777217, which would become 16777216
            double   | 9007199254740993      | expected double, got the number 9007199254740993, which would become 9007199254740992
            double   | 1e400                 | expected double, got the number 1E+400, which is too large for one
            double   | "1"                   | expected double, got the text '1'
            string   | 1                     | expected string, got the number 1
            string   | ["a"]                 | expected string, got a list
            binary   | "YQ"                  | expected binary as base64 text, got the text 'YQ'
            binary   | "Y?=="                | expected binary as base64 text, got the text 'Y?=='
            binary   | 1                     | expected binary as base64 text, got the number 1
            datetime | 1364800000000         | expected datetime as ISO text between 1677 and 2262, got the number 1364800000000
            datetime | "2024-13-01"          | expected datetime as ISO text between 1677 and 2262, got the text '2024-13-01'
            datetime | "2024-01-02T03"       | expected datetime as ISO text between 1677 and 2262, got the text '2024-01-02T03'
            datetime | "2300-01-01"          | expected datetime as ISO text between 1677 and 2262, got the text '2300-01-01'
            integer  | null                  | expected integer, got null
            boolean  | null                  | expected boolean, got null
            datetime | "NaT"                 | expected datetime, got the text 'NaT'
            """)
    void whatWouldLoseItsValueIsRefusedWithExpectedAndGot(String type, String value, String why) {
        assertThatThrownBy(() -> cast(type, true, value))
                .isInstanceOf(PerennialException.class)
                .hasMessage("Failed to enforce schema: v: " + why);
    }

    @ParameterizedTest
    @CsvSource({"boolean", "integer", "long", "string", "binary", "datetime"})
    void nullPassesWhereTheColumnNeedNotCome(String type) {
        assertThat(cast(type, false, "null")).isNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "2024-01-02"                       | 1704153600000000000
            "2024-01-02T03:04"                 | 1704164640000000000
            "2024-01-02 03:04:05.123456789"    | 1704164645123456789
            "2024-01-02T03:04:05Z"             | 1704164645000000000
            "2024-01-02T03:04:05+02:00"        | 1704157445000000000
            "1969-12-31T23:59:59.999999999"    | -1
            """)
    void timesBecomeNanosecondsInUtc(String text, long nanos) {
        assertThat(cast("datetime", true, text)).isEqualTo(new Nanos(nanos));
    }

    @Test
    void base64MayHaveLineBreaks() {
        assertThat((byte[]) cast("binary", true, "\"aGVs\\nbG8=\\n\""))
                .isEqualTo("hello".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aRecordThatLacksARequiredColumnIsRefusedByItsRow() {
        assertThatThrownBy(() -> read("double", true, "{\"dataframe_records\":[{\"v\":1},{}]}"))
                .hasMessage("Failed to enforce schema: v[1]: the column is missing; send null for a value that is not"
                        + " known");
    }

    @Test
    void messagesNeitherGrowNorHoldControlCharacters() {
        assertThatThrownBy(() -> cast("double", true, "\"a\\nb" + "x".repeat(1_000) + "\""))
                .satisfies(e -> assertThat(e.getMessage())
                        .contains("'a?bxxx")
                        .contains("...")
                        .hasSizeLessThan(150));
    }

    @Test
    void noMoreThanTwentyProblemsAreTold() {
        MlflowSignature signature =
                new MlflowSignature(List.of(ColumnSpec.of("v", ScalarType.DOUBLE, true)), List.of(), List.of());
        byte[] body = ("{\"inputs\":{\"v\":[" + "true,".repeat(49) + "true]}}").getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> Enforced.json(signature, Caster.STRICT, body, 100))
                .hasMessageContaining("v[19]: ")
                .hasMessageEndingWith("; and 30 more");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"type":"array","items":{"type":"long"}}                                                | [1,"2"]      | expected long, got the text '2'
            {"type":"array","items":{"type":"long"}}                                                | 1            | expected array of long, got the number 1
            {"type":"map","values":{"type":"double"}}                                               | {"a":true}   | expected double, got true
            {"type":"object","properties":{"a":{"type":"long"}}}                                    | {}           | the property 'a' is missing
            {"type":"object","properties":{"a":{"type":"long"}}}                                    | {"a":1,"b":2} | the property 'b' is unknown
            """)
    void nestedValuesAreCheckedToTheirParts(String type, String value, String why) {
        String named = "[" + type.replaceFirst("\\{", "{\"name\":\"v\",") + "]";
        ColumnSpec column = MlflowSignature.parse(named, null).columns().getFirst();
        assertThatThrownBy(() -> one(column, "{\"dataframe_records\":[{\"v\":" + value + "}]}"))
                .hasMessage("Failed to enforce schema: v: " + why);
    }
}
