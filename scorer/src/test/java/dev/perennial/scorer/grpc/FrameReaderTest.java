package dev.perennial.scorer.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameReaderTest {
    private static final int BYTES_MAX = 1 << 20;

    private final Budget budget = new Budget(4L * BYTES_MAX);
    private final FrameReader reader = new FrameReader(BYTES_MAX, Encoding.IDENTITY, budget);
    private final List<String> messages = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 5, 6, 7, 1000})
    void findsTheSameMessagesHoweverTheBytesAreCut(int piece) {
        Buffer all = Buffer.buffer()
                .appendBuffer(frame(0, "first"))
                .appendBuffer(frame(0, ""))
                .appendBuffer(frame(0, "third one"));
        for (int at = 0; at < all.length(); at += piece) {
            read(all.getBuffer(at, Math.min(all.length(), at + piece)));
        }
        assertThat(messages).containsExactly("first", "", "third one");
        assertThat(reader.partial()).isFalse();
    }

    @Test
    void knowsThatAMessageIsNotWhole() {
        read(frame(0, "whole"));
        read(Buffer.buffer(new byte[] {0, 0}));
        assertThat(reader.partial()).isTrue();
    }

    @Test
    void refusesAMessageBeyondTheLimitBeforeItsBytesCome() {
        assertThatThrownBy(() -> read(Buffer.buffer(new byte[] {0, 0, 0x10, 0, 1})))
                .hasMessage("the message has 1048577 bytes; at most 1048576 are possible")
                .extracting(e -> ((PerennialException) e).code())
                .isEqualTo(ErrorCode.TOO_LARGE);
        assertThat(budget.held()).isZero();
    }

    @Test
    void takesTheFourthByteOfALengthForWhatItIs() {
        assertThatThrownBy(() -> read(Buffer.buffer(new byte[] {0, -1, -1, -1, -1})))
                .hasMessageContaining("4294967295 bytes");
    }

    @Test
    void holdsNotMuchMoreThanWhatCame() {
        read(Buffer.buffer(new byte[] {0, 0, 0x10, 0, 0})); // claims 1 MiB
        read(Buffer.buffer(new byte[100]));
        assertThat(budget.held()).isEqualTo(16 << 10);
        read(Buffer.buffer(new byte[20_000]));
        assertThat(budget.held()).isEqualTo(64 << 10);
    }

    @Test
    void givesBackWhatItHeld() {
        read(frame(0, "x".repeat(5_000)));
        assertThat(budget.held()).isEqualTo(5_000);
        reader.release();
        reader.release();
        assertThat(budget.held()).isZero();
    }

    @Test
    void refusesWhenTooMuchIsHeldByAll() {
        budget.take(4L * BYTES_MAX - 100);
        assertThatThrownBy(() -> read(frame(0, "x".repeat(101))))
                .hasMessage("messages of more than 4194304 bytes are under way; try again")
                .extracting(e -> ((PerennialException) e).code())
                .isEqualTo(ErrorCode.TOO_MANY_REQUESTS);
        assertThat(budget.held()).isEqualTo(4L * BYTES_MAX - 100);
    }

    @Test
    void refusesACompressedMessageWithoutAnEncoding() {
        assertThatThrownBy(() -> read(frame(1, "x")))
                .hasMessage("a message is marked as compressed, but there is no grpc-encoding");
    }

    @Test
    void refusesAnotherFlag() {
        assertThatThrownBy(() -> read(frame(2, "x"))).hasMessage("a message begins with the flag 2; it must be 0 or 1");
    }

    @Test
    void aCallWithAnEncodingMayHaveMessagesWithoutIt() {
        FrameReader zipped = new FrameReader(BYTES_MAX, Encoding.GZIP, budget);
        byte[] packed = Encoding.GZIP.deflate(new byte[] {'a', 'b'}, 0, 2);
        Buffer both = Buffer.buffer(new byte[] {1})
                .appendInt(packed.length)
                .appendBytes(packed)
                .appendBuffer(frame(0, "plain"));
        zipped.read(both, this::take);
        assertThat(messages).containsExactly("ab", "plain");
        assertThat(budget.held()).isEqualTo(7);
    }

    @Test
    void stopsWhenNoMoreAreWanted() {
        reader.read(frame(0, "a").appendBuffer(frame(0, "b")), message -> false);
        assertThat(messages).isEmpty();
    }

    private void read(Buffer chunk) {
        reader.read(chunk, this::take);
    }

    private boolean take(byte[] message) {
        return messages.add(new String(message, StandardCharsets.UTF_8));
    }

    private static Buffer frame(int flag, String message) {
        return Buffer.buffer(new byte[] {(byte) flag})
                .appendInt(message.length())
                .appendString(message);
    }
}
