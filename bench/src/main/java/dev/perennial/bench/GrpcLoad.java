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
 * Unary calls of gRPC, sixteen at a time over kept connections, each sent when the last was answered; prints how many and how fast. A
 * program of its own, so that it can be kept to a core. Arguments: path, file of a framed message; each line that it reads is a round: port and
 * seconds.
 */
public final class GrpcLoad {
    private static final int CALLS = 16;
    private static final int CONNECTIONS = 4;
    private static final int LATENCIES = 1_000_000;

    private final HttpClient client;
    private final String path;
    private final Buffer message;
    private final long until;
    private final CountDownLatch ended = new CountDownLatch(CALLS);
    private final long[] nanos = new long[LATENCIES];
    private int answered;
    private int failed;

    private GrpcLoad(HttpClient client, String path, Buffer message, long until) {
        this.client = client;
        this.path = path;
        this.message = message;
        this.until = until;
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
            double seconds = Double.parseDouble(words[1]);
            GrpcLoad load = new GrpcLoad(client, arguments[0], message, System.nanoTime() + (long) (seconds * 1e9));
            vertx.runOnContext(start -> {
                for (int i = 0; i < CALLS; i++) {
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
        long begin = System.nanoTime();
        if (begin > until) {
            ended.countDown();
            return;
        }
        client.request(HttpMethod.POST, path)
                .compose(this::sent)
                .compose(response -> response.end().map(end -> succeeded(response)))
                .onComplete(done -> {
                    if (done.succeeded() && done.result()) {
                        nanos[answered++ % LATENCIES] = System.nanoTime() - begin;
                    } else {
                        failed++;
                    }
                    next();
                });
    }

    private io.vertx.core.Future<HttpClientResponse> sent(HttpClientRequest request) {
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
