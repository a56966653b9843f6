package dev.perennial.scorer.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrpcHeadersTest {
    @ParameterizedTest
    @CsvSource({
        "1n, 1",
        "5u, 5000",
        "100m, 100000000",
        "2S, 2000000000",
        "3M, 180000000000",
        "1H, 3600000000000",
        "0m, 0",
        "99999999n, 99999999",
        "99999999H, 9223372036854775807"
    })
    void readsTimeoutsOfEveryUnit(String header, long nanos) {
        assertThat(GrpcHeaders.timeoutNanos(header)).isEqualTo(nanos);
    }

    @Test
    void noTimeoutIsForEver() {
        assertThat(GrpcHeaders.timeoutNanos(null)).isEqualTo(Long.MAX_VALUE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "m", "5", "-5m", "1.5S", "999999999m", "5s", "5 m", "5mm", "٣m"})
    void refusesTimeoutsThatAreNotWellFormed(String header) {
        assertThatThrownBy(() -> GrpcHeaders.timeoutNanos(header))
                .hasMessage("grpc-timeout '" + header + "' must be one to eight digits and one of H, M, S, m, u, n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {"plain text ~ plain text", "50% ~ 50%25", "größer ~ gr%C3%B6%C3%9Fer", "a\tb ~ a%09b"})
    void messagesAreAscii(String text, String encoded) {
        assertThat(GrpcHeaders.message(text)).isEqualTo(encoded);
    }

    @Test
    void aNewlineCannotEndTheHeader() {
        assertThat(GrpcHeaders.message("a\r\ngrpc-status: 0")).isEqualTo("a%0D%0Agrpc-status: 0");
    }

    @Test
    void longMessagesAreCutBetweenCharacters() {
        String cut = GrpcHeaders.message("ü".repeat(5_000));
        assertThat(cut).hasSizeLessThan(4_200).endsWith("%C3%BC...");
    }

    @ParameterizedTest
    @CsvSource({
        "application/grpc, true",
        "application/grpc+proto, true",
        "application/grpc;charset=utf-8, true",
        "application/grpc+json, false",
        "application/grpc-web, false",
        "application/json, false"
    })
    void knowsItsContentTypes(String type, boolean ours) {
        assertThat(GrpcHeaders.isGrpc(type)).isEqualTo(ours);
    }

    @ParameterizedTest
    @CsvSource({
        "INVALID_ARGUMENT, 3",
        "MALFORMED_REQUEST, 3",
        "DEADLINE_EXCEEDED, 4",
        "NOT_FOUND, 5",
        "ENDPOINT_NOT_FOUND, 5",
        "ALREADY_EXISTS, 6",
        "PERMISSION_DENIED, 7",
        "TOO_LARGE, 8",
        "TOO_MANY_REQUESTS, 8",
        "STORAGE_FULL, 8",
        "INVALID_STATE, 9",
        "CONFLICT, 10",
        "METHOD_NOT_ALLOWED, 12",
        "UNSUPPORTED_MEDIA_TYPE, 12",
        "NOT_IMPLEMENTED, 12",
        "INTERNAL, 13",
        "UNAVAILABLE, 14",
        "UNAUTHENTICATED, 16"
    })
    void everyCodeHasItsStatus(ErrorCode code, int status) {
        assertThat(GrpcStatus.of(code).number()).isEqualTo(status);
        assertThat(GrpcStatus.of(code).word()).isEqualTo(Integer.toString(status));
    }
}
