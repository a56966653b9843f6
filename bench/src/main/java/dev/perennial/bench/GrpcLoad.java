package dev.perennial.bench;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Unary calls of gRPC over connections that are kept, each of which sends its next call when the last was answered. */
final class GrpcLoad implements AutoCloseable {
    private static final int CONNECTIONS = 16;

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client;
    private final RequestOptions options;
    private final List<Buffer> frames;
    private final AtomicLong answered = new AtomicLong();
    private final AtomicReference<@Nullable String> failure = new AtomicReference<>();

    /** @param frames messages in their frames, sent in turn */
    GrpcLoad(int port, String method, List<Buffer> frames) {
        this.frames = frames;
        this.client = vertx.createHttpClient(new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false)
                .setHttp2MaxPoolSize(CONNECTIONS)
                .setHttp2MultiplexingLimit(1));
        this.options = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setHost("127.0.0.1")
                .setPort(port)
                .setURI(method)
                .putHeader("content-type", "application/grpc")
                .putHeader("te", "trailers");
    }

    /** Sends for so many seconds and says how many calls were answered. */
    long run(int seconds) throws InterruptedException {
        long before = answered.get();
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        CountDownLatch done = new CountDownLatch(CONNECTIONS);
        for (int i = 0; i < CONNECTIONS; i++) {
            next(i, end, done);
        }
        done.await();
        String failed = failure.get();
        if (failed != null) {
            throw new IllegalStateException("a call failed: " + failed);
        }
        return answered.get() - before;
    }

    private void next(int number, long end, CountDownLatch done) {
        if (failure.get() != null || System.nanoTime() > end) {
            done.countDown();
            return;
        }
        client.request(options)
                .compose(request -> request.send(frames.get(number % frames.size())))
                .compose(response -> response.body().map(body -> checked(response)))
                .onComplete(result -> {
                    if (result.failed()) {
                        failure.set(String.valueOf(result.cause()));
                    } else {
                        answered.incrementAndGet();
                    }
                    next(number + CONNECTIONS, end, done);
                });
    }

    private static boolean checked(HttpClientResponse response) {
        String status = response.getTrailer("grpc-status");
        if (!"0".equals(status)) {
            throw new IllegalStateException("grpc-status " + status + " " + response.getHeader("grpc-status") + " "
                    + response.getHeader("grpc-message"));
        }
        return true;
    }

    @Override
    public void close() {
        vertx.close();
    }
}
