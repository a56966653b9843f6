package dev.perennial.scorer.grpc;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2Exception;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * Keeps an HTTP/2 connection when a caller gives up one of its streams.
 *
 * <p>A caller's reset can arrive while an answer's trailers still wait to be written. Netty then fails that write with an error of the
 * stream; Vert.x writes trailers without anybody who would be told, so the error goes through the pipeline, where Vert.x takes it for one
 * of the connection and closes that, with all other streams on it. Errors of streams end here instead. Thread-safe.
 */
@ChannelHandler.Sharable
public final class GivenUpStreams extends ChannelInboundHandlerAdapter {
    private static final String NAME = "given-up-streams";

    /** Installs itself in front of what would close the connection; does nothing for HTTP/1.1. */
    public void watch(HttpConnection connection) {
        if (connection instanceof ConnectionBase base) {
            ChannelPipeline pipeline = base.channel().pipeline();
            if (pipeline.get(NAME) == null) {
                pipeline.addFirst(NAME, this);
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!(cause instanceof Http2Exception.StreamException)) {
            context.fireExceptionCaught(cause);
        }
    }
}
