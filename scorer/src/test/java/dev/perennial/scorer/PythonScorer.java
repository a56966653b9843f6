package dev.perennial.scorer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.python.ModelFolder;
import dev.perennial.scoring.python.PyfuncManifest;
import dev.perennial.testkit.PythonModels;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A scorer with endpoints of Python models, of the same names: {@code obedient} scores rows, {@code frame} gives a number and a text for
 * each; {@code unprepared} is {@code frame} with an environment that nobody made.
 */
public final class PythonScorer implements AutoCloseable {
    private final PythonModels models;
    private final Path folder;
    private final ControlServer server = new ControlServer();
    private final ScorerProcess scorer;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** @param flags more than the necessary ones */
    public PythonScorer(Path folder, String... flags) throws IOException, InterruptedException {
        this.folder = folder;
        models = PythonModels.make(folder.resolve("models"), "obedient", "frame");
        String environment = models.environment(folder.resolve("environments"));
        scorer = server.scorer(folder, flags);
        String endpoints = String.join(
                ",",
                endpoint("obedient", model("obedient", environment)),
                endpoint("frame", model("frame", environment)),
                endpoint("unprepared", model("frame", "0".repeat(64))));
        server.configure(1, "{\"revision\":1,\"flush\":0,\"endpoints\":[" + endpoints + "]}");
        server.await("the endpoints", () -> ready("obedient") && ready("frame"));
    }

    private static String endpoint(String name, String model) {
        return "{\"name\":\"%s\",\"key\":[],\"salt\":\"s\",\"variants\":[%s]}"
                .formatted(name, Models.variant(name + "/1", "champion", 10_000, model));
    }

    private String model(String name, String environment) throws IOException {
        Path blobs = folder.resolve("blobs");
        JsonNode told = models.told(name);
        List<ModelFolder.Entry> files = new ArrayList<>();
        String main = "";
        for (JsonNode file : models.store(name, blobs)) {
            files.add(new ModelFolder.Entry(
                    file.get("path").asText(),
                    new Digest(file.get("digest").asText()),
                    file.get("bytes").asLong()));
            if (file.get("path").asText().equals(ModelFolder.MLMODEL)) {
                main = file.get("digest").asText();
            }
        }
        ModelManifest manifest = PyfuncManifest.of(
                new PyfuncManifest.Texts(
                        told.path("inputs").textValue(),
                        told.path("outputs").textValue(),
                        told.path("python").textValue(),
                        told.path("requirements").asText()),
                files,
                false);
        ObjectNode model = Json.object()
                .put("manifest", PythonModels.put(blobs, manifest.toJson()).hex())
                .put("file", main)
                .put("environment", environment);
        return model.toString();
    }

    private boolean ready(String endpoint) {
        try {
            return send(HttpRequest.newBuilder(URI.create(url() + "/v2/models/" + endpoint + "/ready"))
                                    .GET())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    public int port() {
        return scorer.port();
    }

    private String url() {
        return scorer.url();
    }

    public HttpResponse<String> post(String path, String json) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(url() + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json)));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.timeout(Duration.ofSeconds(60)).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
        client.close();
        scorer.close();
        server.close();
    }
}
