package dev.perennial.scorer.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProtoReaderTest {
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 127, 128, 300, Integer.MAX_VALUE, Long.MAX_VALUE, -1, Long.MIN_VALUE})
    void readsWholeNumbersOfAllSizes(long value) {
        ProtoReader in = first(Proto.message().whole(3, value));
        assertThat(in.field()).isEqualTo(3);
        assertThat(in.whole()).isEqualTo(value);
        assertThat(in.next()).isFalse();
    }

    @Test
    void readsTextsOfAsciiAndBeyond() {
        ProtoReader in = first(Proto.message().text(1, "plain").text(2, "größer 🌲"));
        assertThat(in.text()).isEqualTo("plain");
        assertThat(in.next()).isTrue();
        assertThat(in.text()).isEqualTo("größer 🌲");
    }

    @Test
    void skipsFieldsOfEveryWireType() {
        ProtoReader in = Proto.message()
                .whole(9, 300)
                .fixed32(10, 1)
                .fixed64(11, 2)
                .text(12, "x")
                .text(1, "kept")
                .reader();
        for (int i = 0; i < 4; i++) {
            in.next();
            in.skip();
        }
        assertThat(in.next()).isTrue();
        assertThat(in.text()).isEqualTo("kept");
    }

    @Test
    void anInnerMessageEndsWhereItsLengthSays() {
        ProtoReader outer = Proto.message()
                .message(5, Proto.message().whole(1, 7))
                .whole(6, 8)
                .reader();
        outer.next();
        ProtoReader inner = outer.message();
        inner.next();
        assertThat(inner.whole()).isEqualTo(7);
        assertThat(inner.next()).isFalse();
        outer.next();
        assertThat(outer.whole()).isEqualTo(8);
    }

    @Test
    void elementsComeAloneOrPacked() {
        ProtoReader in = Proto.message().whole(2, 5).wholes(2, 6, 300).wholes(2).reader();
        List<Long> elements = new ArrayList<>();
        while (in.next()) {
            in.elements(ProtoReader.VARINT, elements::add);
        }
        assertThat(elements).containsExactly(5L, 6L, 300L);
    }

    @Test
    void countsWhatItWouldRead() {
        assertThat(first(Proto.message().wholes(2, 1, 300, -1)).count(ProtoReader.VARINT))
                .isEqualTo(3);
        assertThat(first(Proto.message().whole(2, 300)).count(ProtoReader.VARINT))
                .isEqualTo(1);
        assertThat(first(Proto.message().bytes(6, new byte[12])).count(ProtoReader.FIXED32))
                .isEqualTo(3);
        assertThat(first(Proto.message().bytes(7, new byte[24])).count(ProtoReader.FIXED64))
                .isEqualTo(3);
    }

    @Test
    void aSecondReaderBeginsWhereTheFirstStood() {
        ProtoReader in = Proto.message().whole(1, 4).whole(2, 5).reader();
        in.next();
        in.skip();
        ProtoReader again = in.again();
        in.next();
        in.skip();
        again.next();
        assertThat(again.field()).isEqualTo(2);
        assertThat(again.whole()).isEqualTo(5);
    }

    @Test
    void refusesATextThatIsNotUtf8() {
        refused(
                () -> first(Proto.message().bytes(2, new byte[] {(byte) 0xff, 'a'}))
                        .text(),
                "field 2 is not UTF-8");
    }

    @Test
    void refusesATextOfMoreThan64Kibibytes() {
        refused(() -> first(Proto.message().bytes(2, new byte[65_537])).text(), "65537 bytes; at most 65536");
    }

    @Test
    void refusesALengthBeyondTheMessage() {
        refused(() -> first(Proto.message().raw(0x0a, 100, 'a')).text(), "field 1 claims 100 bytes, the message has 1");
    }

    @Test
    void refusesALengthThatIsNegativeInJava() {
        Proto message = Proto.message().raw(0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1);
        refused(() -> first(message).view(), "claims 18446744073709551615 bytes");
    }

    @Test
    void refusesANumberThatDoesNotEnd() {
        refused(() -> first(Proto.message().raw(0x08, 0x80)).whole(), "ends within a number");
        Proto message = Proto.message().raw(0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1);
        refused(() -> first(message).whole(), "more than ten bytes");
    }

    @Test
    void refusesFieldZeroAndFieldsThatAreTooLarge() {
        refused(() -> first(Proto.message().raw(0x02, 0)), "field number 0 does not exist");
        refused(() -> first(Proto.message().raw(0x88, 0x80, 0x80, 0x80, 0x20)), "does not exist");
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 6, 7})
    void refusesGroupsAndUnknownWireTypes(int type) {
        refused(() -> first(Proto.message().raw(1 << 3 | type, 0)).skip(), "wire type " + type);
    }

    @Test
    void refusesAFieldOfAnotherWireType() {
        refused(() -> first(Proto.message().whole(1, 5)).text(), "field 1 has the wire type 0 instead of 2");
        refused(() -> first(Proto.message().text(1, "a")).whole(), "field 1 has the wire type 2 instead of 0");
        refused(() -> first(Proto.message().whole(6, 5)).count(ProtoReader.FIXED32), "wire type 0 instead of 5");
    }

    @Test
    void refusesElementsThatGoBeyondTheirLength() {
        Proto message = Proto.message().raw(0x12, 1, 0x80, 1);
        refused(() -> first(message).elements(ProtoReader.VARINT, element -> {}), "beyond their length");
    }

    private static ProtoReader first(Proto message) {
        ProtoReader in = message.reader();
        assertThat(in.next()).isTrue();
        return in;
    }

    private static void refused(ThrowingCallable reading, String text) {
        assertThatThrownBy(reading)
                .isInstanceOf(PerennialException.class)
                .hasMessageContaining(text)
                .extracting(e -> ((PerennialException) e).code())
                .isEqualTo(ErrorCode.MALFORMED_REQUEST);
    }
}
