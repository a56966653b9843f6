package dev.perennial.scorer.grpc;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Sends what a client of gRPC would send, or what none would. */
final class GrpcCaller implements AutoCloseable {
    private static final long WAIT_SECONDS = 30;
    static final String INFER = "/inference.GRPCInferenceService/ModelInfer";

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client;
    private final int port;
    private final Map<HttpClientRequest, CompletionStage<Reply>> replies = new ConcurrentHashMap<>();

    /**
     * How a call ended.
     *
     * @param status of gRPC; -1 when there was none
     * @param trailersOnly whether the status stood in the head
     * @param body frames, as they came
     */
    record Reply(int http, int status, String message, boolean trailersOnly, byte[] body, Map<String, String> headers) {
        /** The first message. */
        ProtoReader message1() {
            return new ProtoReader(java.util.Arrays.copyOfRange(body, FrameReader.PREFIX, body.length));
        }
    }

    GrpcCaller(int port) {
        this.port = port;
        this.client = vertx.createHttpClient(new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false)
                .setHttp2MaxPoolSize(1));
    }

    Reply call(String path, byte[] body, String... headers) {
        return await(begin(HttpMethod.POST, path, headers).thenCompose(request -> sent(request, body)));
    }

    Reply infer(Proto message, String... headers) {
        return call(INFER, message.frame(), headers);
    }

    Reply get(String path) {
        return await(begin(HttpMethod.GET, path).thenCompose(request -> sent(request, new byte[0])));
    }

    private static CompletionStage<Reply> sent(HttpClientRequest request, byte[] body) {
        CompletionStage<Reply> reply = request.response().toCompletionStage().thenCompose(GrpcCaller::read);
        request.end(Buffer.buffer(body));
        return reply;
    }

    /** A call whose message is not all there yet. */
    HttpClientRequest open(String path, byte[] first, String... headers) {
        HttpClientRequest request = await(begin(HttpMethod.POST, path, headers));
        replies.put(request, request.response().toCompletionStage().thenCompose(GrpcCaller::read));
        request.setChunked(true);
        request.write(Buffer.buffer(first));
        return request;
    }

    /** How a call that was opened ended. It is read as it comes: what comes before somebody reads is lost. */
    Reply reply(HttpClientRequest request) {
        return await(Objects.requireNonNull(replies.get(request)));
    }

    private CompletionStage<HttpClientRequest> begin(HttpMethod method, String path, String... headers) {
        RequestOptions options = new RequestOptions()
                .setMethod(method)
                .setHost("127.0.0.1")
                .setPort(port)
                .setURI(path);
        options.putHeader("content-type", "application/grpc").putHeader("te", "trailers");
        for (int i = 0; i < headers.length; i += 2) {
            options.putHeader(headers[i], headers[i + 1]);
        }
        return client.request(options).toCompletionStage();
    }

    private static CompletionStage<Reply> read(HttpClientResponse response) {
        return response.body().toCompletionStage().thenApply(body -> {
            String head = response.getHeader("grpc-status");
            String status = head == null ? response.getTrailer("grpc-status") : head;
            String message = head == null ? response.getTrailer("grpc-message") : response.getHeader("grpc-message");
            Map<String, String> headers = new LinkedHashMap<>();
            response.headers().forEach(entry -> headers.put(entry.getKey(), entry.getValue()));
            return new Reply(
                    response.statusCode(),
                    status == null ? -1 : Integer.parseInt(status),
                    message == null ? "" : URLDecoder.decode(message.replace("+", "%2B"), StandardCharsets.UTF_8),
                    head != null,
                    body.getBytes(),
                    headers);
        });
    }

    private static <T> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError("no answer", e);
        }
    }

    @Override
    public void close() {
        client.close();
        vertx.close();
    }
}
