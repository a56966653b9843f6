package dev.perennial.scorer;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tells a connection that it is idle once nothing came and nothing went for so long, or a third longer. A request costs it no look at a
 * clock and no listener. For one connection; everything happens on its event loop.
 */
final class IdleConnection extends ChannelDuplexHandler {
    private static final int LOOKS = 3;

    private final long lookMillis;
    private boolean active;
    private long left;
    private int quiet;
    private @Nullable Future<?> look;

    IdleConnection(long idleMillis) {
        this.lookMillis = idleMillis / LOOKS;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        look = context.executor()
                .scheduleAtFixedRate(() -> look(context), lookMillis, lookMillis, TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        active = true;
        context.fireChannelReadComplete();
    }

    @Override
    public void flush(ChannelHandlerContext context) {
        active = true;
        context.flush();
    }

    private void look(ChannelHandlerContext context) {
        long now = left(context);
        quiet = active || now != left ? 0 : quiet + 1;
        active = false;
        left = now;
        if (quiet == LOOKS) {
            context.fireUserEventTriggered(IdleStateEvent.FIRST_ALL_IDLE_STATE_EVENT);
        }
    }

    /** What waits to be sent; a caller who reads it slowly is not idle. */
    private static long left(ChannelHandlerContext context) {
        ChannelOutboundBuffer buffer = context.channel().unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.totalPendingWriteBytes() - buffer.currentProgress();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        Future<?> last = look;
        if (last != null) {
            last.cancel(false);
        }
    }
}
