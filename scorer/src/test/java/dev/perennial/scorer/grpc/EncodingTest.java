package dev.perennial.scorer.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EncodingTest {
    @ParameterizedTest
    @EnumSource(Encoding.class)
    void whatWasDeflatedComesBack(Encoding encoding) {
        byte[] message = new byte[100_000];
        for (int i = 0; i < message.length; i++) {
            message[i] = (byte) (i * i >> 3);
        }
        byte[] packed = encoding.deflate(message, 10, 90_000);
        assertThat(encoding.inflate(packed, 100_000)).isEqualTo(Arrays.copyOfRange(message, 10, 90_010));
    }

    @ParameterizedTest
    @EnumSource(Encoding.class)
    void anEmptyMessageStaysEmpty(Encoding encoding) {
        assertThat(encoding.inflate(encoding.deflate(new byte[0], 0, 0), 10)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = Encoding.class,
            names = {"GZIP", "DEFLATE"})
    void aMessageOfExactlyTheLimitPassesAndOneByteMoreDoesNot(Encoding encoding) {
        byte[] packed = encoding.deflate(new byte[50_000], 0, 50_000);
        assertThat(encoding.inflate(packed, 50_000)).hasSize(50_000);
        assertThatThrownBy(() -> encoding.inflate(packed, 49_999))
                .hasMessage("the decompressed message is larger than 49999 bytes (--body-bytes)")
                .extracting(e -> ((PerennialException) e).code())
                .isEqualTo(ErrorCode.TOO_LARGE);
    }

    @ParameterizedTest
    @EnumSource(
            value = Encoding.class,
            names = {"GZIP", "DEFLATE"})
    void aMessageThatIsCutOrNoneIsTheCallersFault(Encoding encoding) {
        byte[] packed = encoding.deflate(new byte[50_000], 0, 50_000);
        for (byte[] bad : new byte[][] {{}, {1, 2, 3}, Arrays.copyOf(packed, packed.length / 2)}) {
            assertThatThrownBy(() -> encoding.inflate(bad, 100_000))
                    .hasMessageStartingWith("the message is no " + encoding.word())
                    .extracting(e -> ((PerennialException) e).code())
                    .isEqualTo(ErrorCode.MALFORMED_REQUEST);
        }
    }

    @Test
    void knowsItsWords() {
        assertThat(Encoding.of(null)).isEqualTo(Encoding.IDENTITY);
        assertThat(Encoding.of("identity")).isEqualTo(Encoding.IDENTITY);
        assertThat(Encoding.of("gzip")).isEqualTo(Encoding.GZIP);
        assertThat(Encoding.of("deflate")).isEqualTo(Encoding.DEFLATE);
        assertThatThrownBy(() -> Encoding.of("snappy"))
                .hasMessage("grpc-encoding 'snappy' is not supported; use one of identity,deflate,gzip");
    }
}
