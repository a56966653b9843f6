package dev.perennial.scorer;

import dev.perennial.tensors.DataType;
import dev.perennial.tensors.TensorSpec;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A scorer in this JVM whose endpoints have a canary with half of the traffic: {@code rows} scores x, version 1 with 0.25 and version 2
 * with 0.75, and has the key column id; {@code tensors} gives x back.
 */
public final class SplitScorer implements AutoCloseable {
    private final ControlServer server;
    private final ScorerProcess scorer;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    public SplitScorer(Path folder) throws IOException, InterruptedException {
        server = new ControlServer();
        Models models = new Models(folder.resolve("blobs"));
        scorer = server.scorer(folder);
        String identity = models.identity(
                List.of(new TensorSpec("x", DataType.FP64, List.of(-1L))),
                List.of(new TensorSpec("y", DataType.FP64, List.of(-1L))));
        server.apply(
                1,
                "{\"revision\":1,\"flush\":0,\"endpoints\":["
                        + endpoint("rows", "\"id\"", models.model(0.25, "x"), models.model(0.75, "x")) + ","
                        + endpoint("tensors", "", identity, identity) + "]}");
    }

    private static String endpoint(String name, String key, String champion, String canary) {
        return "{\"name\":\"%s\",\"key\":[%s],\"salt\":\"s\",\"live\":true,\"clock\":null,\"fuse\":null,\"variants\":[%s,%s]}"
                .formatted(
                        name,
                        key,
                        Models.variant(name + "/1", "champion", 5_000, champion),
                        Models.variant(name + "/2", "canary", 5_000, canary));
    }

    public int port() {
        return scorer.port();
    }

    /** @param headers names and values */
    public HttpResponse<String> infer(String endpoint, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(scorer.url() + "/v2/models/" + endpoint + "/infer"))
                .POST(HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
        scorer.close();
        server.close();
    }
}
