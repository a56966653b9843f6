package dev.perennial.scorer.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProtoWriterTest {
    private final ProtoWriter out = new ProtoWriter();

    @Test
    void writesWhatOthersWrite() {
        out.text(1, "name");
        out.whole(2, -5);
        out.bool(3, true);
        out.wholes(4, new long[] {1, -1, 300});
        Proto same = Proto.message().text(1, "name").whole(2, -5).whole(3, 1).wholes(4, 1, -1, 300);
        assertThat(out.message()).isEqualTo(same.bytes());
    }

    @Test
    void leavesDefaultsOut() {
        out.text(1, "");
        out.whole(2, 0);
        out.bool(3, false);
        out.wholes(4, new long[0]);
        assertThat(out.message()).isEmpty();
    }

    @Test
    void writesEmptyBytesAndMessagesBecauseTheyCount() {
        out.bytes(6, ByteBuffer.allocate(0));
        out.message(5, empty -> {});
        assertThat(out.message()).isEqualTo(new byte[] {0x32, 0, 0x2a, 0});
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100, 127, 128, 505, 506, 511, 512, 513, 16_383, 16_384, 100_000, 3_000_000})
    void messagesOfAnyLengthKeepTheirBytes(int length) {
        byte[] content = new byte[length];
        for (int i = 0; i < length; i++) {
            content[i] = (byte) i;
        }
        out.whole(1, 7);
        out.message(2, inner -> inner.message(3, innermost -> innermost.bytes(4, content)));
        out.whole(5, 8);
        Proto same = Proto.message()
                .whole(1, 7)
                .message(2, Proto.message().message(3, Proto.message().bytes(4, content)))
                .whole(5, 8);
        assertThat(out.message()).isEqualTo(same.bytes());
    }

    @Test
    void writesOnlyTheRestOfABufferAndLeavesItAsItWas() {
        ByteBuffer value = ByteBuffer.wrap(new byte[] {1, 2, 3, 4}).position(1).limit(3);
        out.bytes(1, value);
        assertThat(out.message()).isEqualTo(new byte[] {0x0a, 2, 2, 3});
        assertThat(value.remaining()).isEqualTo(2);
    }

    @Test
    void aFrameHasItsLengthBeforeIt() {
        out.text(1, "ab");
        ByteBuffer frame = out.frame(Encoding.IDENTITY);
        byte[] bytes = new byte[frame.remaining()];
        frame.get(bytes);
        assertThat(bytes).isEqualTo(new byte[] {0, 0, 0, 0, 4, 0x0a, 2, 'a', 'b'});
    }

    @ParameterizedTest
    @org.junit.jupiter.params.provider.EnumSource(
            value = Encoding.class,
            names = {"GZIP", "DEFLATE"})
    void aCompressedFrameIsMarkedAndBecomesTheSameMessage(Encoding encoding) {
        out.text(1, "abc".repeat(1_000));
        ByteBuffer frame = out.frame(encoding);
        assertThat(frame.get()).isEqualTo((byte) 1);
        byte[] packed = new byte[frame.getInt()];
        assertThat(frame.remaining()).isEqualTo(packed.length).isLessThan(200);
        frame.get(packed);
        assertThat(encoding.inflate(packed, 10_000)).isEqualTo(out.message());
    }
}
