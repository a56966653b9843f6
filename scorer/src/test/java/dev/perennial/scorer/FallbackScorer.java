package dev.perennial.scorer;

import dev.perennial.testkit.OnnxFiles;
import dev.perennial.testkit.Proto;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A scorer with endpoints whose champion fails on less than three numbers: {@code constant} then answers 0.5 for each, {@code version} by
 * another version that gives them back, {@code alone} not at all. Of three numbers and more it adds the third to each.
 */
public final class FallbackScorer implements AutoCloseable {
    private final ControlServer server = new ControlServer();
    private final ScorerProcess scorer;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    public FallbackScorer(Path folder) throws IOException, InterruptedException {
        Models models = new Models(folder.resolve("blobs"));
        scorer = server.scorer(folder);
        String manifest = models.put("{\"format\":\"onnx\"}".getBytes(StandardCharsets.UTF_8));
        String shaky = model(manifest, models.put(shaky()));
        String steady = model(manifest, models.put(OnnxFiles.identity(OnnxFiles.FLOAT, -1)));
        String endpoints = String.join(
                ",",
                endpoint("constant", "{\"outputs\":{\"out\":0.5}}", shaky, steady),
                endpoint("version", "{\"version\":\"version/2\"}", shaky, steady),
                endpoint("alone", "null", shaky, steady));
        server.apply(1, "{\"revision\":1,\"flush\":0,\"endpoints\":[" + endpoints + "]}");
    }

    private static byte[] shaky() {
        return OnnxFiles.model(new Proto()
                .message(1, OnnxFiles.node("Gather", List.of("in", "at"), "third"))
                .message(1, OnnxFiles.node("Add", List.of("in", "third"), "out"))
                .text(2, "g")
                .message(5, OnnxFiles.whole("at", new long[] {1}, 2))
                .message(11, OnnxFiles.value("in", OnnxFiles.FLOAT, -1))
                .message(12, OnnxFiles.value("out", OnnxFiles.FLOAT, -1)));
    }

    private static String model(String manifest, String file) {
        return "{\"manifest\":\"%s\",\"file\":\"%s\"}".formatted(manifest, file);
    }

    private static String endpoint(String name, String fallback, String champion, String other) {
        return "{\"name\":\"%s\",\"key\":[],\"salt\":\"s\",\"fallback\":%s,\"variants\":[%s,%s]}"
                .formatted(
                        name,
                        fallback,
                        Models.variant(name + "/1", "champion", 10_000, champion),
                        Models.variant(name + "/2", "warm", 0, other));
    }

    public int port() {
        return scorer.port();
    }

    /** @param headers names and values */
    public HttpResponse<byte[]> post(String path, byte[] body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(scorer.url() + path))
                .timeout(Duration.ofSeconds(60))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        request.headers(headers);
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    public String metrics() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(scorer.url() + "/metrics"))
                .timeout(Duration.ofSeconds(60))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    @Override
    public void close() {
        client.close();
        scorer.close();
        server.close();
    }
}
