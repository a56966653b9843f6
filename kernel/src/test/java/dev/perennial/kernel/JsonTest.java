package dev.perennial.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.annotation.JsonProperty;
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

    /** Words of a closed list. */
    enum Colour {
        red,
        @JsonProperty("sky-blue")
        BLUE
    }

    /** Something whose words come from a closed list. */
    record Painted(Colour colour, List<Colour> more) {}

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

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "{\"colour\":0,\"more\":[]} | colour | 0",
                "{\"colour\":\"0\",\"more\":[]} | colour | \"0\"",
                "{\"colour\":\"BLUE\",\"more\":[]} | colour | \"BLUE\"",
                "{\"colour\":\"\",\"more\":[]} | colour | \"\"",
                "{\"colour\":\"red\",\"more\":[\"red\",1]} | more[1] | 1",
                "{\"colour\":true,\"more\":[]} | colour | no text",
                "{\"colour\":[],\"more\":[]} | colour | no text",
            })
    void aWordThatIsNotInTheListIsToldWithThoseThatAre(String text, String field, String told) {
        PerennialException failure =
                catchThrowableOfType(PerennialException.class, () -> Json.read(text, Painted.class));
        assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
        assertThat(failure.field()).isEqualTo(field);
        assertThat(failure).hasMessage("'" + field + "' is " + told + "; it must be one of red, sky-blue");
    }

    @Test
    void aLongWordIsToldInPart() {
        String word = "x".repeat(5000);
        assertThatThrownBy(() -> Json.read("{\"colour\":\"" + word + "\",\"more\":[]}", Painted.class))
                .hasMessage("'colour' is \"" + "x".repeat(99) + "...; it must be one of red, sky-blue");
    }

    @Test
    void wordsAreReadAsTheyAreWritten() {
        Painted painted = new Painted(Colour.BLUE, List.of(Colour.red));
        assertThat(Json.write(painted)).isEqualTo("{\"colour\":\"sky-blue\",\"more\":[\"red\"]}");
        assertThat(Json.read(Json.write(painted), Painted.class)).isEqualTo(painted);
    }

    @Test
    void whatIsWrittenIsReadBack() {
        Thing thing = new Thing("ü\n\u0000", Integer.MIN_VALUE, List.of(new Part(""), new Part("\uD83D\uDE00")));
        assertThat(Json.read(Json.write(thing), Thing.class)).isEqualTo(thing);
    }
}
