package dev.perennial.scorer.config;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Blocking calls to the server's internal routes; never used on an event loop. The token is read anew for each call. Thread-safe. */
public final class ServerLink implements AutoCloseable {
    private static final int CONNECT_MILLIS = 2_000;

    private final HttpClient client;
    private final URI server;
    private final String scorer;
    private final Path tokenFile;
    private final String installation;

    public record Reply(int status, byte[] body) {
        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    public ServerLink(Vertx vertx, URI server, String scorer, Path tokenFile, String installation) {
        this.client = vertx.createHttpClient(new HttpClientOptions()
                .setConnectTimeout(CONNECT_MILLIS)
                .setDefaultHost(server.getHost())
                .setDefaultPort(server.getPort()));
        this.server = server;
        this.scorer = URLEncoder.encode(scorer, StandardCharsets.UTF_8).replace("+", "%20");
        this.tokenFile = tokenFile;
        this.installation = installation;
    }

    /**
     * @param path below {@code /internal/scorers/ID}
     * @throws IOException when there was no answer in time
     */
    public Reply call(HttpMethod method, String path, Map<String, String> headers, byte[] body, long timeoutMillis)
            throws IOException, InterruptedException {
        RequestOptions options = new RequestOptions()
                .setMethod(method)
                .setURI(server.getPath() + "/internal/scorers/" + scorer + path)
                .putHeader(
                        "Authorization", "Bearer " + Files.readString(tokenFile).strip())
                .putHeader(
                        "Content-Type", path.startsWith("/segments") ? "application/octet-stream" : "application/json");
        if (!installation.isEmpty()) {
            options.putHeader("X-Perennial-Installation", installation);
        }
        headers.forEach(options::putHeader);
        Future<Reply> reply = client.request(options).compose(request -> send(request, body));
        try {
            return reply.toCompletionStage().toCompletableFuture().get(timeoutMillis, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException(method + " " + path + " to " + server + " failed: " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new IOException(
                    method + " " + path + " to " + server + " had no answer in " + timeoutMillis + " ms", e);
        }
    }

    private static Future<Reply> send(HttpClientRequest request, byte[] body) {
        Future<io.vertx.core.http.HttpClientResponse> sent =
                body.length == 0 ? request.send() : request.send(Buffer.buffer(body));
        return sent.compose(
                response -> response.body().map(bytes -> new Reply(response.statusCode(), bytes.getBytes())));
    }

    @Override
    public void close() {
        client.close();
    }
}
