package dev.perennial.scorer.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonCursorTest {
    private static final int NUMBERS = 300_000;

    private static JsonCursor of(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new JsonCursor(bytes, bytes.length);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "7",
                "-7",
                "0.0",
                "0.1",
                "-0.3",
                "1.5e3",
                "1E-5",
                "1e+22",
                "123456789012345678e-22",
                "9007199254740992",
                "-9007199254740992",
                "0.00000000000000001",
                "12345.678901234567",
                "0.30000000000000004",
                "1.7976931348623157e308",
                "2.2250738585072011e-308",
                "5e-324",
                "1e-400",
                "0.1234567890123456789",
                "1e23"
            })
    void aNumberIsWhatJavaMakesOfIt(String number) {
        JsonCursor json = of(" " + number + ",");
        assertThat(json.number()).isTrue();
        assertThat(json.value()).isEqualTo(Double.parseDouble(number));
        assertThat(json.take(',')).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-0",
                "-0.0",
                "0e5x",
                "9007199254740993",
                "1234567890123456789",
                "1e400",
                "-1e-400",
                "0.11111111111111111111111111111111111111111111111111111111111111111111",
                "1e0000",
                "1e",
                "1e+",
                "1.",
                ".5",
                "+1",
                "01",
                "-",
                "- 1",
                "NaN",
                "Infinity",
                "\"1\"",
                ""
            })
    void otherNumbersAreLeftToOthers(String number) {
        JsonCursor json = of(number + "]");
        assertThat(json.number() && json.take(']')).isFalse();
    }

    @Test
    void numbersOfAllSizesAreRoundedAsJavaDoes() {
        SplittableRandom random = new SplittableRandom(20_261_123);
        int taken = 0;
        for (int i = 0; i < NUMBERS; i++) {
            String text = number(random);
            JsonCursor json = of(text);
            if (json.number()) {
                taken++;
                assertThat(json.value()).as(text).isEqualTo(Double.parseDouble(text));
                float single = json.single();
                if (!Float.isNaN(single)) {
                    assertThat(single).as(text).isEqualTo(Float.parseFloat(text));
                }
            }
        }
        assertThat(taken).isGreaterThan(NUMBERS / 4 * 3);
    }

    private static String number(SplittableRandom random) {
        long digits = random.nextLong(1L << random.nextInt(1, 54));
        String sign = random.nextBoolean() ? "-" : "";
        return switch (random.nextInt(4)) {
            case 0 -> sign + digits;
            case 1 -> sign + digits + "e" + random.nextInt(-330, 330);
            case 2 -> sign + random.nextInt(1_000) + "." + digits;
            default -> String.format(Locale.ROOT, "%s%.5f", sign, random.nextGaussian());
        };
    }

    @ParameterizedTest
    @CsvSource({"16777217", "1e-45", "1e39", "1.00000005960464477539"})
    void aFloatThatItsDoubleDoesNotSettleIsLeftToOthers(String number) {
        JsonCursor json = of(number);
        assertThat(!json.number() || Float.isNaN(json.single())).isTrue();
    }

    @Test
    void aNumberKnowsWhetherItWasWrittenWhole() {
        JsonCursor json = of("[12, 12.0, 12e0]");
        assertThat(json.take('[') && json.number() && json.whole()).isTrue();
        assertThat(json.take(',') && json.number() && !json.whole()).isTrue();
        assertThat(json.take(',') && json.number() && !json.whole()).isTrue();
        assertThat(json.take(']') && json.ended()).isTrue();
    }

    @Test
    void aTextIsComparedWithoutBeingMade() {
        JsonCursor json = of("\n\"name\" : \"x y\"");
        assertThat(json.member() && json.says(JsonCursor.ascii("name"))).isTrue();
        assertThat(json.says(JsonCursor.ascii("nam"))).isFalse();
        assertThat(json.text()).isTrue();
        assertThat(json.string()).isEqualTo("x y");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"a\\u0062\"", "\"a\\\"\"", "\"\u00e9\"", "\"a\tb\"", "\"open", "'a'", "a"})
    void otherTextsAreLeftToOthers(String text) {
        assertThat(of(text).text()).isFalse();
    }

    @Test
    void nullIsTheWholeWord() {
        assertThat(of(" null").nothing()).isTrue();
        assertThat(of("nul").nothing()).isFalse();
        assertThat(of("none").nothing()).isFalse();
    }

    @Test
    void nothingIsReadBeyondTheEnd() {
        byte[] bytes = "123456".getBytes(StandardCharsets.US_ASCII);
        JsonCursor json = new JsonCursor(bytes, 3);
        assertThat(json.number()).isTrue();
        assertThat(json.value()).isEqualTo(123);
        assertThat(json.ended()).isTrue();
    }
}
