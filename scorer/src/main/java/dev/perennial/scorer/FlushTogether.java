package dev.perennial.scorer;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;

/**
 * Sends what is answered in one turn of an event loop at its end, connection after connection. A turn takes requests of as many connections
 * as are ready: the first of its answers wakes a caller that sleeps, and the next ones find it awake, where each would have to wake it again
 * after some microseconds. Waking costs more than half of a write. A turn with one request sends at once, as it would without this. For one
 * connection; everything happens on its event loop.
 */
final class FlushTogether extends ChannelDuplexHandler {
    private boolean waiting;

    @Override
    public void flush(ChannelHandlerContext context) {
        if (!waiting) {
            waiting = true;
            context.executor().execute(() -> now(context));
        }
    }

    private void now(ChannelHandlerContext context) {
        if (waiting) {
            waiting = false;
            context.flush();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (!context.channel().isWritable()) { // much waits already
            now(context);
        }
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        now(context);
        context.close(promise);
    }

    @Override
    public void disconnect(ChannelHandlerContext context, ChannelPromise promise) {
        now(context);
        context.disconnect(promise);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        now(context);
    }
}
