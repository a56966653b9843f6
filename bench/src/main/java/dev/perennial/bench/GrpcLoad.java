package dev.perennial.bench;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;

/**
 * Unary calls of gRPC over four kept connections: sixteen at a time, each sent when one was answered, or so many a second, whatever the
 * answers do; prints how many and how fast. A program of its own, so that it can be kept to a core. Arguments: path, file of a framed message;
 * each line that it reads is a round: port, seconds, and calls a second, or 0 for sixteen at a time.
 */
public final class GrpcLoad {
    private static final int CALLS = 16;
    private static final int CONNECTIONS = 4;
    private static final int LATENCIES = 1_000_000;

    private final HttpClient client;
    private final String path;
    private final Buffer message;
    private final long from = System.nanoTime();
    private final long until;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final long[] nanos = new long[LATENCIES];
    private int sent;
    private int answered;
    private int failed;

    private GrpcLoad(HttpClient client, String path, Buffer message, double seconds) {
        this.client = client;
        this.path = path;
        this.message = message;
        this.until = from + (long) (seconds * 1e9);
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
        Buffer message = Buffer.buffer(Files.readAllBytes(Path.of(arguments[1])));
        BufferedReader rounds = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String round = rounds.readLine(); round != null; round = rounds.readLine()) {
            String[] words = round.split(" ");
            HttpClient client = vertx.createHttpClient(new HttpClientOptions()
                    .setProtocolVersion(HttpVersion.HTTP_2)
                    .setHttp2ClearTextUpgrade(false)
                    .setHttp2MaxPoolSize(CONNECTIONS)
                    .setHttp2MultiplexingLimit(CALLS / CONNECTIONS)
                    .setDefaultHost("127.0.0.1")
                    .setDefaultPort(Integer.parseInt(words[0])));
            GrpcLoad load = new GrpcLoad(client, arguments[0], message, Double.parseDouble(words[1]));
            int rate = Integer.parseInt(words[2]);
            vertx.runOnContext(start -> {
                if (rate > 0) {
                    vertx.setPeriodic(1, tick -> load.keepUp(vertx, tick, rate));
                }
                for (int i = 0; rate == 0 && i < CALLS; i++) {
                    load.next();
                }
            });
            load.ended.await();
            load.print();
            client.close();
        }
        vertx.close();
    }

    private void next() {
        if (System.nanoTime() < until) {
            call(this::next);
        } else if (sent == answered + failed) {
            ended.countDown();
        }
    }

    /** Sends what is due since the round began; late calls are sent, too. */
    private void keepUp(Vertx vertx, long timer, int rate) {
        long now = Math.min(System.nanoTime(), until);
        for (long due = (long) ((now - from) / 1e9 * rate); sent < due; ) {
            call(() -> {});
        }
        if (now == until && sent == answered + failed) {
            vertx.cancelTimer(timer);
            ended.countDown();
        }
    }

    private void call(Runnable then) {
        long begin = System.nanoTime();
        sent++;
        client.request(HttpMethod.POST, path)
                .compose(this::sending)
                .compose(response -> response.end().map(end -> succeeded(response)))
                .onComplete(done -> {
                    if (done.succeeded() && done.result()) {
                        nanos[answered++ % LATENCIES] = System.nanoTime() - begin;
                    } else {
                        failed++;
                    }
                    then.run();
                });
    }

    private io.vertx.core.Future<HttpClientResponse> sending(HttpClientRequest request) {
        request.putHeader("content-type", "application/grpc").putHeader("te", "trailers");
        return request.send(message);
    }

    private static boolean succeeded(HttpClientResponse response) {
        String status = response.getTrailer("grpc-status");
        return "0".equals(status == null ? response.getHeader("grpc-status") : status);
    }

    private void print() {
        long[] sorted = Arrays.copyOf(nanos, Math.min(answered, LATENCIES));
        Arrays.sort(sorted);
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8)
                .printf(
                        Locale.ROOT,
                        "answered %d failed %d p50 %.0fus p99 %.0fus%n",
                        answered,
                        failed,
                        sorted[sorted.length / 2] / 1e3,
                        sorted[(int) (sorted.length * 0.99)] / 1e3);
    }
}
