package dev.perennial.scorer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.TensorSpec;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A scorer in this JVM with endpoints for protocols: {@code m} scores rows of x and c by a tree, versions 1 (champion, 0.25) and 2 (warm,
 * 0.75); {@code all} gives back one tensor of each datatype, {@code texts} one of BYTES, {@code raw} FP32 rows of two, {@code classes}
 * FP32 rows of three, {@code half} FP16, {@code plain} what {@code all} has without half floats; {@code cold}, where it is wanted, is not
 * ready.
 */
public final class OpenScorer implements AutoCloseable {
    private static final String NOTHING = "0".repeat(64);

    private final ControlServer server;
    private final ScorerProcess scorer;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /**
     * @param cold whether there is an endpoint whose model is not there, so that the scorer is not ready
     * @param flags more than the necessary ones
     */
    public OpenScorer(Path folder, boolean cold, String... flags) throws IOException, InterruptedException {
        server = new ControlServer();
        Models models = new Models(folder.resolve("blobs"));
        scorer = server.scorer(folder, flags);
        server.configure(1, config(models, cold));
        await();
    }

    private static String config(Models models, boolean withCold) throws IOException {
        String cold = "{\"manifest\":\"" + NOTHING + "\",\"file\":\"" + NOTHING + "\"}";
        List<TensorSpec> all = Arrays.stream(DataType.values())
                .map(type -> TensorSpec.column(type.name(), type))
                .toList();
        List<TensorSpec> plain = all.stream()
                .filter(spec -> spec.type() != DataType.FP16 && spec.type() != DataType.BF16)
                .toList();
        List<String> endpoints = new ArrayList<>(List.of(
                endpoint(
                        "m",
                        "\"id\"",
                        Models.variant("m/1", "champion", 10_000, models.model(0.25, "x", "c")),
                        Models.variant("m/2", "warm", 0, models.model(0.75, "x", "c"))),
                identity(models, "all", all),
                identity(models, "plain", plain),
                identity(models, "half", List.of(TensorSpec.column("h", DataType.FP16))),
                identity(models, "texts", List.of(TensorSpec.column("t", DataType.BYTES))),
                identity(models, "raw", List.of(new TensorSpec("r", DataType.FP32, List.of(-1L, 2L)))),
                identity(models, "classes", List.of(new TensorSpec("p", DataType.FP32, List.of(-1L, 3L))))));
        if (withCold) {
            endpoints.add(endpoint("cold", "", Models.variant("cold/1", "champion", 10_000, cold)));
        }
        return "{\"revision\":1,\"flush\":0,\"endpoints\":[" + String.join(",", endpoints) + "]}";
    }

    private static String identity(Models models, String name, List<TensorSpec> inputs) throws IOException {
        List<TensorSpec> outputs = inputs.stream()
                .map(spec -> new TensorSpec(spec.name() + "_out", spec.type(), spec.shape()))
                .toList();
        return endpoint(name, "", Models.variant(name + "/1", "champion", 10_000, models.identity(inputs, outputs)));
    }

    private static String endpoint(String name, String key, String... variants) {
        return "{\"name\":\"%s\",\"key\":[%s],\"salt\":\"s\",\"live\":true,\"clock\":null,\"fuse\":null,\"variants\":[%s]}"
                .formatted(name, key, String.join(",", variants));
    }

    /** One champion cannot be loaded, hence the revision is never said to be in effect: what is there answers all the same. */
    private void await() throws IOException, InterruptedException {
        server.await("the endpoints", () -> {
            try {
                return get("/v2/models/classes/ready").statusCode() == 200;
            } catch (IOException e) {
                return false;
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    public String url() {
        return scorer.url();
    }

    public int port() {
        return scorer.port();
    }

    public HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(url() + path)).GET());
    }

    /** What a GET of JSON answers. */
    JsonNode look(String path) throws IOException, InterruptedException {
        return OpenAnswers.json(get(path));
    }

    HttpResponse<byte[]> infer(String model, String json, String... headers) throws IOException, InterruptedException {
        return post("/v2/models/" + model + "/infer", json.getBytes(StandardCharsets.UTF_8), headers);
    }

    /** @param headers names and values */
    public HttpResponse<byte[]> post(String path, byte[] body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url() + path)).POST(HttpRequest.BodyPublishers.ofByteArray(body));
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    public HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.timeout(Duration.ofSeconds(30)).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    @Override
    public void close() {
        client.close();
        scorer.close();
        server.close();
    }
}
