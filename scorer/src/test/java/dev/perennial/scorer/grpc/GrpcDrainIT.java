package dev.perennial.scorer.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.perennial.scorer.GrpcScorer;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A scorer that ends answers what was begun, and says over gRPC that it takes no more. */
class GrpcDrainIT {
    private static final String CHECK = "/grpc.health.v1.Health/Check";
    private static final long NOT_SERVING = 2;

    @TempDir
    Path folder;

    @Test
    void aCallThatWasBegunIsAnsweredAndHealthSaysNotServing() throws Exception {
        try (GrpcScorer scorer = new GrpcScorer(folder);
                GrpcCaller caller = new GrpcCaller(scorer.port());
                GrpcCaller probe = new GrpcCaller(scorer.port())) {
            byte[] frame = GrpcIT.row().frame();
            HttpClientRequest begun = caller.open(GrpcCaller.INFER, Arrays.copyOf(frame, 10));
            assertThat(status(probe)).isEqualTo(1);
            CompletableFuture<Void> ended = CompletableFuture.runAsync(() -> drain(scorer));
            awaitUnready(scorer);
            try (GrpcCaller late = new GrpcCaller(scorer.port())) {
                assertThat(status(late)).isEqualTo(NOT_SERVING);
            }
            assertThat(ended).isNotDone();
            begun.end(Buffer.buffer(Arrays.copyOfRange(frame, 10, frame.length)));
            assertThat(GrpcIT.score(caller.reply(begun))).isCloseTo(0.25, within(1e-6));
            ended.get(30, TimeUnit.SECONDS);
        }
    }

    /** The drain would take ten minutes if it waited for them. */
    @Test
    void streamsOnWhichNobodyAsksHoldUpNothing() throws Exception {
        try (GrpcScorer scorer = new GrpcScorer(folder);
                GrpcCaller caller = new GrpcCaller(scorer.port())) {
            caller.open("/grpc.health.v1.Health/Watch", Proto.message().frame());
            HttpClientRequest stream = caller.open("/inference.GRPCInferenceService/ModelStreamInfer", new byte[0]);
            assertThat(status(caller)).isEqualTo(1);
            CompletableFuture<Void> ended = CompletableFuture.runAsync(() -> drain(scorer));
            GrpcCaller.Reply reply = caller.reply(stream);
            assertThat(reply.status()).isEqualTo(14);
            assertThat(reply.message()).isEqualTo("the scorer is about to end");
            ended.get(60, TimeUnit.SECONDS);
        }
    }

    private static long status(GrpcCaller caller) {
        GrpcCaller.Reply reply = caller.call(CHECK, Proto.message().frame());
        assertThat(reply.status()).as(reply.message()).isZero();
        ProtoReader in = reply.message1();
        assertThat(in.next()).isTrue();
        return in.whole();
    }

    private static void drain(GrpcScorer scorer) {
        try {
            scorer.drain();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void awaitUnready(GrpcScorer scorer) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest ready = HttpRequest.newBuilder(URI.create(scorer.url() + "/v2/health/ready"))
                    .build();
            for (int i = 0; i < 10_000; i++) {
                if (client.send(ready, HttpResponse.BodyHandlers.discarding()).statusCode() == 503) {
                    return;
                }
            }
            throw new AssertionError("waited in vain");
        }
    }
}
