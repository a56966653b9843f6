package dev.perennial.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    /** Something to read. */
    record Thing(String name, int size, List<Part> parts) {}

    /** A part of it. */
    record Part(String id) {}

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "{\"b\":1,\"a\":2} | {\"a\":2,\"b\":1}",
                "{ \"a\" : [ 1 , 2 ] } | {\"a\":[1,2]}",
                "{\"z\":{\"y\":1,\"x\":{\"b\":1,\"a\":1}}} | {\"z\":{\"x\":{\"a\":1,\"b\":1},\"y\":1}}",
                "[{\"b\":1,\"a\":2},{}] | [{\"a\":2,\"b\":1},{}]",
                "{\"a\":null} | {\"a\":null}",
                "{\"aa\":1,\"a\":2,\"A\":3,\"\":4} | {\"\":4,\"A\":3,\"a\":2,\"aa\":1}",
                "\"x\" | \"x\"",
                "{\"a\":1.50} | {\"a\":1.5}",
                "{\"a\":9007199254740993} | {\"a\":9007199254740993}",
                "{\"a\":\"\\u0041\\/\"} | {\"a\":\"A/\"}",
            })
    void theCanonicalTextHasSortedKeysAndNoSpace(String text, String canonical) {
        assertThat(Json.canonical(Json.parse(text))).isEqualTo(canonical);
    }

    @Test
    void keysAreSortedByUtf16CodeUnitNotByCodePoint() {
        String high = "\uD83D\uDE00";
        String privateUse = "\uE000";
        assertThat(Json.canonical(Map.of(privateUse, 1, high, 2)))
                .isEqualTo("{\"" + high + "\":2,\"" + privateUse + "\":1}");
    }

    @Test
    void equalValuesHaveEqualTextsAndDigestsWhateverMadeThem() {
        Map<String, Object> backwards = new LinkedHashMap<>();
        backwards.put("size", 2);
        backwards.put("parts", List.of(Map.of("id", "p")));
        backwards.put("name", "n");
        Thing thing = new Thing("n", 2, List.of(new Part("p")));
        assertThat(Json.canonical(backwards)).isEqualTo(Json.canonical(thing));
        assertThat(Json.digest(backwards)).isEqualTo(Json.digest(thing)).isEqualTo(Digest.of(Json.canonical(thing)));
    }

    @Test
    void canonicalTextOfCanonicalTextIsTheSame() {
        String text = Json.canonical(Json.parse("{\"b\":[1.0,2e3,\"é\"],\"a\":{}}"));
        assertThat(Json.canonical(Json.parse(text))).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{\"a\":1,\"a\":2}", "{\"a\":1} x", "[1,]", "{", "NaN", "01", "'a'", "{\"a\":1}{\"b\":2}", "tru"
            })
    void looseTextIsMalformed(String text) {
        PerennialException failure = catchThrowableOfType(PerennialException.class, () -> Json.parse(text));
        assertThat(failure.code()).isEqualTo(ErrorCode.MALFORMED_REQUEST);
        assertThat(failure).hasMessageStartingWith("not valid JSON: ");
        assertThat(catchThrowableOfType(
                                PerennialException.class, () -> Json.parse(text.getBytes(StandardCharsets.UTF_8)))
                        .code())
                .isEqualTo(ErrorCode.MALFORMED_REQUEST);
    }

    @Test
    void aMistakeInTheTextIsToldWithLineAndColumn() {
        assertThatThrownBy(() -> Json.parse("{\n  \"a\": x\n}")).hasMessageContaining("(line 2, column ");
    }

    @Test
    void bytesThatAreNoUtf8AreMalformed() {
        byte[] bytes = {'"', (byte) 0xc3, '"'};
        assertThat(catchThrowableOfType(PerennialException.class, () -> Json.parse(bytes))
                        .code())
                .isEqualTo(ErrorCode.MALFORMED_REQUEST);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "{\"name\":\"n\",\"size\":\"many\",\"parts\":[]} | size",
                "{\"name\":\"n\",\"size\":1,\"parts\":[{\"id\":\"a\"},{\"id\":{}}]} | parts[1].id",
                "{\"name\":\"n\",\"size\":1,\"parts\":[],\"more\":1} | more",
                "{\"name\":\"n\",\"size\":99999999999,\"parts\":[]} | size",
            })
    void aValueOfTheWrongKindIsNamedWithItsPlace(String text, String field) {
        PerennialException failure = catchThrowableOfType(PerennialException.class, () -> Json.read(text, Thing.class));
        assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
        assertThat(failure.field()).isEqualTo(field);
        assertThat(failure).hasMessageStartingWith("'" + field + "' is not as expected");
        assertThat(catchThrowableOfType(PerennialException.class, () -> Json.convert(Json.parse(text), Thing.class))
                        .field())
                .isEqualTo(field);
    }

    @Test
    void whatIsWrittenIsReadBack() {
        Thing thing = new Thing("ü\n\u0000", Integer.MIN_VALUE, List.of(new Part(""), new Part("\uD83D\uDE00")));
        assertThat(Json.read(Json.write(thing), Thing.class)).isEqualTo(thing);
    }
}
