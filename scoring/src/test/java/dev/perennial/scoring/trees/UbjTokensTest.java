package dev.perennial.scoring.trees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.PerennialException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The binary format, byte by byte. */
class UbjTokensTest {
    private static final String REFUSED = "cannot use this XGBoost model: ";

    @Test
    void numbersOfEveryTypeAreRead() {
        Tokens tokens = tokens(new Bytes()
                .text("[i")
                .put(-1)
                .text("U")
                .put(255)
                .text("I")
                .put(0x80, 0)
                .text("l")
                .whole(-7)
                .text("L")
                .whole(0)
                .whole(9)
                .text("d")
                .whole(Float.floatToIntBits(0.1f))
                .text("D")
                .longs(Double.doubleToLongBits(0.1))
                .text("TF]"));
        assertThat(numbers(tokens)).containsExactly(-1, 255, -32768, -7, 9, 0.1f, 0.1, 1, 0);
        tokens.end();
    }

    @Test
    void aTypedArrayHasNoMarkersOfItsElements() {
        assertThat(numbers(tokens(
                        new Bytes().text("[$d#i").put(2).whole(0x3f800000).whole(0x7fc00000))))
                .containsExactly(1, Double.NaN);
    }

    @Test
    void aCountedArrayHasNoEnd() {
        Tokens tokens =
                tokens(new Bytes().text("[#i").put(2).text("i").put(5).text("i").put(6));
        assertThat(numbers(tokens)).containsExactly(5, 6);
        tokens.end();
    }

    @Test
    void anEmptyCountedArrayIsOver() {
        assertThat(numbers(tokens(new Bytes().text("[$l#L").longs(0)))).isEmpty();
    }

    @Test
    void objectsGiveTheirNamesAndThenNone() {
        Tokens tokens = tokens(new Bytes()
                .text("{i")
                .put(1)
                .text("aSi")
                .put(2)
                .text("hii")
                .put(1)
                .text("bi")
                .put(4)
                .text("}"));
        tokens.beginObject();
        assertThat(tokens.name()).isEqualTo("a");
        assertThat(tokens.text()).isEqualTo("hi");
        assertThat(tokens.name()).isEqualTo("b");
        assertThat(tokens.number()).isEqualTo(4);
        assertThat(tokens.name()).isNull();
        tokens.end();
    }

    @Test
    void valuesOfEveryKindArePassedOver() {
        Tokens tokens = tokens(new Bytes()
                .text("[{i")
                .put(1)
                .text("a[$l#i")
                .put(2)
                .whole(1)
                .whole(2)
                .text("i")
                .put(1)
                .text("b[#i")
                .put(1)
                .text("Si")
                .put(1)
                .text("x}ZTFi")
                .put(1)
                .text("[[]]i")
                .put(42)
                .text("]"));
        tokens.beginArray();
        for (int i = 0; i < 6; i++) {
            assertThat(tokens.element()).isTrue();
            tokens.skip();
        }
        assertThat(tokens.element()).isTrue();
        assertThat(tokens.number()).isEqualTo(42);
        assertThat(tokens.element()).isFalse();
        tokens.end();
    }

    @ParameterizedTest
    @ValueSource(strings = {"l", "d", "U", "L", "S", "{", "["})
    void aCountThatTheFileCannotHoldIsRefusedBeforeAnythingIsAllocated(String type) {
        byte[] file =
                new Bytes().text("[$" + type + "#L").longs(1L << 40).text("abc").toBytes();
        assertThatThrownBy(() -> new UbjTokens(file, Refusal.XGBOOST).skip())
                .isInstanceOf(PerennialException.class)
                .hasMessage(REFUSED + "at byte 13 it announces 1099511627776 elements, but only 3 bytes follow");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Z", "T", "F", "N", "?"})
    void elementsWithoutBytesCannotBeCounted(String type) {
        byte[] file = new Bytes().text("[$" + type + "#L").longs(1L << 40).toBytes();
        assertThatThrownBy(() -> new UbjTokens(file, Refusal.XGBOOST).skip())
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining("an array of elements of type ");
    }

    @ParameterizedTest
    @CsvSource({"4611686018427387904,4611686018427387904", "-1,-1", "4,4"})
    void aTextLongerThanTheFileIsRefused(long length, String told) {
        byte[] file = new Bytes().text("SL").longs(length).text("abc").toBytes();
        assertThatThrownBy(() -> new UbjTokens(file, Refusal.XGBOOST).text())
                .isInstanceOf(PerennialException.class)
                .hasMessage(REFUSED + "at byte 10 it announces a text of " + told + " bytes, but only 3 follow");
    }

    @Test
    void sixtyFourLevelsAreReadAndNoMore() {
        tokens(new Bytes().text("[".repeat(64) + "]".repeat(64))).skip();
        Tokens deep = tokens(new Bytes().text("[".repeat(65) + "]".repeat(65)));
        assertThatThrownBy(deep::skip)
                .isInstanceOf(PerennialException.class)
                .hasMessage(REFUSED + "it nests deeper than 64");
    }

    @Test
    void aMillionOpenArraysAreRefused() {
        Tokens deep = tokens(new Bytes().text("[".repeat(1_000_000)));
        assertThatThrownBy(deep::skip)
                .isInstanceOf(PerennialException.class)
                .hasMessage(REFUSED + "it nests deeper than 64");
    }

    @Test
    void aNameThatStandsTwiceIsRefused() {
        Tokens tokens = tokens(new Bytes().text("{i").put(1).text("aTi").put(1).text("aT}"));
        tokens.beginObject();
        tokens.name();
        tokens.skip();
        assertThatThrownBy(tokens::name)
                .isInstanceOf(PerennialException.class)
                .hasMessage(REFUSED + "'a' stands twice in one object");
    }

    @Test
    void whatFollowsTheEndIsRefused() {
        Tokens tokens = tokens(new Bytes().text("[]rest"));
        tokens.skip();
        assertThatThrownBy(tokens::end)
                .isInstanceOf(PerennialException.class)
                .hasMessage(REFUSED + "4 bytes follow behind its end");
    }

    @Test
    void aTextBeyondEightMebibytesIsPassedOverButNotKept() {
        int length = Bounds.TEXT_BYTES_MAX + 1;
        byte[] file =
                new Bytes().text("Sl").whole(length).text("x".repeat(length)).toBytes();
        new UbjTokens(file, Refusal.XGBOOST).skip();
        assertThatThrownBy(() -> new UbjTokens(file, Refusal.XGBOOST).text())
                .isInstanceOf(PerennialException.class)
                .hasMessage(REFUSED + "a text of 8388609 bytes; at most 8388608 are possible");
    }

    @Test
    void aTypeWithoutACountIsRefused() {
        assertThatThrownBy(() -> tokens(new Bytes().text("[$dabcd]")).skip())
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining("a type of elements without their count");
    }

    private static double[] numbers(Tokens tokens) {
        Numbers numbers = new Numbers(Refusal.XGBOOST);
        tokens.numbers(numbers);
        return numbers.toDoubles();
    }

    private static Tokens tokens(Bytes bytes) {
        return new UbjTokens(bytes.toBytes(), Refusal.XGBOOST);
    }

    private static final class Bytes {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Bytes text(String text) {
            out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
            return this;
        }

        Bytes put(int... bytes) {
            for (int each : bytes) {
                out.write(each);
            }
            return this;
        }

        Bytes whole(int value) {
            out.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(value).array());
            return this;
        }

        Bytes longs(long value) {
            out.writeBytes(ByteBuffer.allocate(Long.BYTES).putLong(value).array());
            return this;
        }

        byte[] toBytes() {
            return out.toByteArray();
        }
    }
}
