package dev.perennial.scorer;

import dev.perennial.predictionlog.LogRecord;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.tensors.DataType;
import dev.perennial.tensors.TensorSpec;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A scorer with three endpoints, all of which MLflow's clients may call: {@code strict} and {@code loose} with the number x and the
 * category c, in the two modes, and {@code tensors}, which gives back a matrix and a list of whole numbers. The default is {@code strict}.
 */
final class MlflowScorer implements AutoCloseable {
    private final ControlServer server = new ControlServer();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ScorerProcess scorer;
    private final String endpoints;
    private long revision = 1;

    MlflowScorer(Path folder, String... flags) throws IOException, InterruptedException {
        scorer = server.scorer(folder, flags);
        Models models = new Models(folder.resolve("blobs"));
        String rows = models.model(0.25, "x", "c");
        List<TensorSpec> specs = List.of(
                new TensorSpec("matrix", DataType.FP32, List.of(-1L, 2L)), TensorSpec.column("whole", DataType.INT64));
        endpoints = Stream.of(
                        endpoint("strict", "", rows),
                        endpoint("loose", "\"mode\":\"mlflow\",", rows),
                        endpoint("tensors", "", models.identity(specs, specs)))
                .collect(Collectors.joining(","));
        server.apply(revision, config(0));
    }

    private static String endpoint(String name, String mode, String model) {
        return "{\"name\":\"%s\",%s\"key\":[\"id\"],\"salt\":\"s\",\"variants\":[%s]}"
                .formatted(name, mode, Models.variant(name + "/1", "champion", 10_000, model));
    }

    private String config(long flush) {
        return "{\"revision\":%d,\"flush\":%d,\"endpoints\":[%s]}".formatted(revision, flush, endpoints);
    }

    String url() {
        return scorer.url();
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(url() + path)).GET());
    }

    HttpResponse<String> post(String path, String type, String body) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(url() + path))
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    HttpResponse<String> json(String path, String body) throws IOException, InterruptedException {
        return post(path, "application/json", body);
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.timeout(Duration.ofSeconds(20)).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Everything that was logged so far, by prediction id. */
    Map<String, PredictionRecord> logged() throws InterruptedException {
        revision++;
        server.configure(revision, config(revision));
        server.awaitFlush(revision);
        Map<String, PredictionRecord> logged = new HashMap<>();
        for (LogRecord record : server.records()) {
            if (record instanceof PredictionRecord prediction) {
                logged.put(prediction.id(), prediction);
            }
        }
        return logged;
    }

    @Override
    public void close() {
        client.close();
        scorer.close();
        server.close();
    }
}
