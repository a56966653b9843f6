package dev.perennial.scorer;

import dev.perennial.tensors.DataType;
import dev.perennial.tensors.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A scorer in this JVM: {@code m} scores rows of x and c with 0.25; for each datatype T {@code identity_T} gives back x as y, of shape
 * [-1,-1]; {@code identity_matrix} is that of FP32.
 */
public final class GrpcScorer implements AutoCloseable {
    private final ControlServer server;
    private final ScorerProcess scorer;

    /** @param flags more than the necessary ones */
    public GrpcScorer(Path folder, String... flags) throws IOException, InterruptedException {
        server = new ControlServer();
        Models models = new Models(folder.resolve("blobs"));
        scorer = server.scorer(folder, flags);
        server.apply(1, config(models));
    }

    private static String config(Models models) throws IOException {
        List<String> endpoints = new ArrayList<>();
        endpoints.add(endpoint("m", models.model(0.25, "x", "c")));
        for (DataType type : DataType.values()) {
            endpoints.add(identity(models, "identity_" + type, type));
        }
        endpoints.add(identity(models, "identity_matrix", DataType.FP32));
        return "{\"revision\":1,\"flush\":0,\"endpoints\":[" + String.join(",", endpoints) + "]}";
    }

    private static String identity(Models models, String name, DataType type) throws IOException {
        List<Long> matrix = List.of(-1L, -1L);
        return endpoint(
                name,
                models.identity(
                        List.of(new TensorSpec("x", type, matrix)), List.of(new TensorSpec("y", type, matrix))));
    }

    private static String endpoint(String name, String model) {
        String champion = Models.variant(name + "/1", "champion", 10_000, model);
        return "{\"name\":\"%s\",\"key\":[],\"salt\":\"s\",\"live\":true,\"clock\":null,\"fuse\":null,\"variants\":[%s]}"
                .formatted(name, champion);
    }

    public int port() {
        return scorer.port();
    }

    public String url() {
        return scorer.url();
    }

    /** Ends it, however long that takes. */
    public void drain() throws InterruptedException {
        scorer.drain(600_000);
    }

    @Override
    public void close() {
        scorer.close();
        server.close();
    }
}
