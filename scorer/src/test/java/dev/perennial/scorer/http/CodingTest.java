package dev.perennial.scorer.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CodingTest {
    private static final int MAX = 10 << 20;

    private static byte[] noise(int bytes) {
        byte[] noise = new byte[bytes];
        new Random(7).nextBytes(noise);
        return noise;
    }

    @ParameterizedTest
    @EnumSource
    void whatWasDeflatedComesBack(Coding coding) {
        for (int size : new int[] {0, 1, 16_384, 65_536, 1_000_003}) {
            byte[] body = noise(size);
            assertThat(coding.inflated(coding.deflated(body), MAX)).isEqualTo(body);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"GZIP", "DEFLATE"})
    void aBodyOfExactlyTheLimitIsTaken(Coding coding) {
        byte[] body = noise(100_000);
        assertThat(coding.inflated(coding.deflated(body), body.length)).isEqualTo(body);
    }

    @ParameterizedTest
    @EnumSource(names = {"GZIP", "DEFLATE"})
    void aBodyThatBecomesOneByteTooLargeIsRefused(Coding coding) {
        byte[] body = coding.deflated(noise(100_000));
        assertThatThrownBy(() -> coding.inflated(body, 99_999))
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_LARGE))
                .hasMessage("the body is larger than 99999 bytes (--body-bytes)");
    }

    @ParameterizedTest
    @EnumSource(names = {"GZIP", "DEFLATE"})
    void aBombIsRefusedBeforeItIsLarge(Coding coding) {
        byte[] bomb = coding.deflated(new byte[8 << 20]);
        assertThatThrownBy(() -> coding.inflated(bomb, MAX))
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_LARGE))
                .hasMessage("the body becomes more than 200 times as large; send it uncompressed");
    }

    @ParameterizedTest
    @EnumSource(names = {"GZIP", "DEFLATE"})
    void aSmallBodyMayBeAsRegularAsItLikes(Coding coding) {
        assertThat(coding.inflated(coding.deflated(new byte[1 << 20]), MAX)).hasSize(1 << 20);
    }

    @ParameterizedTest
    @EnumSource(names = {"GZIP", "DEFLATE"})
    void aBodyThatEndsTooEarlyIsMalformed(Coding coding) {
        byte[] whole = coding.deflated(noise(10_000));
        assertThatThrownBy(() -> coding.inflated(Arrays.copyOf(whole, whole.length - 20), MAX))
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MALFORMED_REQUEST))
                .hasMessageStartingWith("body: it is not whole " + coding.word());
    }

    @Test
    void aBodyOfWhichTheEndIsMissingIsToldSo() {
        byte[] whole = Coding.GZIP.deflated(noise(100));
        assertThatThrownBy(() -> Coding.GZIP.inflated(Arrays.copyOf(whole, whole.length - 4), MAX))
                .hasMessage("body: it is not whole gzip: it ends too early");
    }

    @ParameterizedTest
    @EnumSource(names = {"GZIP", "DEFLATE"})
    void somethingElseIsMalformed(Coding coding) {
        assertThatThrownBy(() -> coding.inflated("{\"inputs\":[]}".getBytes(), MAX))
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MALFORMED_REQUEST));
    }

    @Test
    void aFlippedBitOfGzipIsFound() {
        byte[] body = Coding.GZIP.deflated(noise(1_000));
        body[body.length - 6] ^= 1;
        assertThatThrownBy(() -> Coding.GZIP.inflated(body, MAX)).hasMessageContaining("Corrupt GZIP trailer");
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd", "compress", "gzip, deflate", "gzip,gzip"})
    void otherEncodingsAreNamed(String encoding) {
        assertThatThrownBy(() -> Coding.of(encoding))
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED_MEDIA_TYPE))
                .hasMessage("content encoding '" + encoding + "' is not supported; use gzip or deflate");
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {"-,IDENTITY", "'',IDENTITY", "identity,IDENTITY", "GZIP,GZIP", "x-gzip,GZIP", "' deflate',DEFLATE"
            })
    void theEncodingOfARequestIsReadGenerously(@Nullable String header, Coding coding) {
        assertThat(Coding.of(header)).isEqualTo(coding);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "-|IDENTITY",
                "identity|IDENTITY",
                "br|IDENTITY",
                "gzip|GZIP",
                "deflate|DEFLATE",
                "gzip, deflate|GZIP",
                "deflate, gzip|GZIP",
                "deflate;q=0.9, gzip;q=0.5|DEFLATE",
                "gzip;q=0|IDENTITY",
                "gzip;q=x|IDENTITY",
                "gzip;q=0, deflate|DEFLATE",
                "br;q=1.0, *;q=0.1|GZIP",
                "gzip, deflate, br, zstd|GZIP"
            })
    void theAnswerComesAsTheCallerLikesItBest(@Nullable String header, Coding coding) {
        assertThat(Coding.wanted(header)).isEqualTo(coding);
    }

    @Test
    void shortAnswersAreNotWorthIt() {
        assertThat(Coding.GZIP.worth(1_399)).isFalse();
        assertThat(Coding.GZIP.worth(1_400)).isTrue();
        assertThat(Coding.IDENTITY.worth(1 << 20)).isFalse();
    }
}
