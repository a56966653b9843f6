package dev.perennial.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.timeout.IdleStateEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class IdleConnectionTest {
    private final List<Object> told = new ArrayList<>();
    private final EmbeddedChannel channel = new EmbeddedChannel();

    @BeforeEach
    void connect() {
        channel.freezeTime();
        channel.pipeline().addLast(new IdleConnection(75), new ChannelInboundHandlerAdapter() {
            @Override
            public void userEventTriggered(ChannelHandlerContext context, Object event) {
                told.add(event);
            }
        });
    }

    @AfterEach
    void end() {
        channel.finishAndReleaseAll();
    }

    private void pass(long millis) {
        for (long passed = 0; passed < millis; passed += 25) {
            channel.advanceTimeBy(25, TimeUnit.MILLISECONDS);
            channel.runScheduledPendingTasks();
        }
    }

    @Test
    void aConnectionOnWhichNothingHappensIsToldOnce() {
        pass(50);
        assertThat(told).isEmpty();
        pass(25);
        assertThat(told).containsExactly(IdleStateEvent.FIRST_ALL_IDLE_STATE_EVENT);
        pass(200);
        assertThat(told).hasSize(1);
    }

    @Test
    void whatComesBeginsAnew() {
        pass(50);
        channel.pipeline().fireChannelReadComplete();
        pass(75);
        assertThat(told).isEmpty();
        pass(25);
        assertThat(told).hasSize(1);
    }

    @Test
    void whatGoesBeginsAnew() {
        pass(50);
        channel.pipeline().flush();
        pass(75);
        assertThat(told).isEmpty();
        pass(25);
        assertThat(told).hasSize(1);
    }

    @Test
    void aClosedConnectionIsNotLookedAtAnyMore() {
        channel.close();
        channel.runPendingTasks();
        pass(200);
        assertThat(told).isEmpty();
    }
}
