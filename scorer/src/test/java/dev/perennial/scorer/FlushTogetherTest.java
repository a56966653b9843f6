package dev.perennial.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FlushTogetherTest {
    private final List<String> sent = new ArrayList<>();

    /** Notes what reaches the socket, and when it is sent. */
    private final ChannelOutboundHandlerAdapter socket = new ChannelOutboundHandlerAdapter() {
        @Override
        public void flush(ChannelHandlerContext context) {
            sent.add("flush");
            context.flush();
        }
    };

    private final FlushTogether together = new FlushTogether();
    private final EmbeddedChannel channel = new EmbeddedChannel(socket, together);

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }

    /** What reached the other side. */
    private String received() {
        StringBuilder all = new StringBuilder();
        for (ByteBuf next = channel.readOutbound(); next != null; next = channel.readOutbound()) {
            all.append(next.toString(StandardCharsets.US_ASCII));
            next.release();
        }
        return all.toString();
    }

    private void answer(String text) {
        channel.pipeline().write(bytes(text));
        channel.pipeline().flush();
    }

    /** One turn of the event loop. */
    private void turn(Runnable work) {
        channel.eventLoop().execute(() -> {
            work.run();
            sent.add("end of turn");
        });
        channel.runPendingTasks();
    }

    @Test
    void answersOfOneTurnAreSentAtItsEndAtOnce() {
        turn(() -> {
            channel.pipeline().write(bytes("one"));
            channel.pipeline().flush();
            channel.pipeline().flush();
        });
        assertThat(received()).isEqualTo("one");
        assertThat(sent).containsExactly("end of turn", "flush");
    }

    @Test
    void theNextTurnSendsAgain() {
        turn(() -> answer("one"));
        turn(() -> answer("two"));
        assertThat(received()).isEqualTo("onetwo");
        assertThat(sent).containsExactly("end of turn", "flush", "end of turn", "flush");
    }

    @Test
    void nothingIsLostWhenTheConnectionIsClosedAtOnce() {
        turn(() -> {
            answer("goodbye");
            channel.pipeline().close();
        });
        assertThat(received()).isEqualTo("goodbye");
        assertThat(sent).containsExactly("flush", "end of turn");
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void nothingIsLostWhenTheConnectionIsCutAtOnce() {
        turn(() -> {
            answer("goodbye");
            channel.pipeline().disconnect();
        });
        assertThat(received()).isEqualTo("goodbye");
        assertThat(sent).containsExactly("flush", "end of turn");
    }

    @Test
    void muchIsSentBeforeTheTurnEnds() {
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(4, 12));
        turn(() -> {
            answer("small");
            sent.add("much");
            answer("large enough");
        });
        assertThat(received()).isEqualTo("smalllarge enough");
        assertThat(sent).startsWith("much", "flush");
    }

    @Test
    void whatWaitsIsSentWhenTheHandlerGoes() {
        turn(() -> {
            answer("late");
            channel.pipeline().remove(together);
        });
        assertThat(received()).isEqualTo("late");
        assertThat(sent).containsExactly("flush", "end of turn");
    }
}
