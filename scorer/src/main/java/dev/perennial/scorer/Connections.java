package dev.perennial.scorer;

import io.netty.channel.Channel;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/**
 * The connections of the port, and how they end without a lost request: each answer of HTTP/1.1 is the last one of its connection and says
 * so, and then nobody can connect any more. A caller that keeps a connection without asking for a moment loses it. Thread-safe.
 */
final class Connections {
    private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(150);
    private static final long LOOK_MILLIS = 5;
    /** A connection on which so long nothing happened is closed. */
    private static final long IDLE_MILLIS = TimeUnit.SECONDS.toMillis(75);

    private final Set<Channel> open = ConcurrentHashMap.newKeySet();
    private final Set<Channel> listening = ConcurrentHashMap.newKeySet();
    private final LongAdder requests = new LongAdder();
    private volatile boolean closing;

    /** Notes a connection that was made, and sees to how it sends and when it is idle. */
    void opened(HttpConnection connection) {
        if (connection instanceof ConnectionBase base) {
            Channel channel = base.channel();
            channel.pipeline().addFirst(new IdleConnection(IDLE_MILLIS), new FlushTogether());
            open.add(channel);
            channel.closeFuture().addListener(closed -> open.remove(channel));
            Channel parent = channel.parent();
            if (parent != null) {
                listening.add(parent);
            }
        }
    }

    /** Notes a request; while connections end, its answer is the last one. */
    void asked(HttpServerRequest request) {
        requests.increment();
        if (closing && request.version() != HttpVersion.HTTP_2) {
            request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            request.response().bodyEndHandler(sent -> request.connection().close());
        }
    }

    /** From now on the answer to a request of HTTP/1.1 is the last one of its connection. */
    void ending() {
        closing = true;
    }

    /** From now on nobody can connect. */
    void refuse() {
        listening.forEach(Channel::close);
    }

    /** Waits until something is so, so long at most. */
    static void await(BooleanSupplier condition, long millis) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (!condition.getAsBoolean() && System.nanoTime() < end) {
            Thread.sleep(LOOK_MILLIS);
        }
    }

    /**
     * Waits until all connections ended, or nobody asks on those that are left, so long at most.
     *
     * @param underWay requests that have no answer yet
     */
    void awaitEnd(IntSupplier underWay, long millis) throws InterruptedException {
        long[] quiet = {System.nanoTime(), requests.sum()};
        await(
                () -> {
                    long now = System.nanoTime();
                    if (underWay.getAsInt() > 0 || requests.sum() != quiet[1]) {
                        quiet[0] = now;
                        quiet[1] = requests.sum();
                        return false;
                    }
                    return open.isEmpty() || now - quiet[0] > IDLE_NANOS;
                },
                millis);
    }
}
