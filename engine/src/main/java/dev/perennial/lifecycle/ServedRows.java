package dev.perennial.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.VersionId;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.registry.ModelVersion;
import dev.perennial.registry.Registry;
import dev.perennial.serving.PredictionLog;
import dev.perennial.store.BlobStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Logged rows in the form in which a worker compares them with what the sources say. Cost: one pass over the log of the range. */
final class ServedRows {
    private final Registry registry;
    private final PredictionLog log;
    private final BlobStore blobs;

    ServedRows(Registry registry, PredictionLog log, BlobStore blobs) {
        this.registry = registry;
        this.log = log;
        this.blobs = blobs;
    }

    /**
     * @param rows a file of JSON lines
     * @param columns by version, what its signature asks callers for: an absence there means missing, elsewhere nothing
     */
    record Logged(Digest rows, JsonNode columns) {}

    /** Rows whose event lies in {@code [from, to)}, each prediction once; empty when nothing was served. */
    Optional<Logged> between(ModelId model, long from, long to) {
        StringBuilder lines = new StringBuilder();
        Set<String> seen = new HashSet<>();
        Set<String> versions = new TreeSet<>();
        log.between(model, from, to, record -> {
            if (record instanceof PredictionRecord prediction && seen.add(prediction.id())) {
                ObjectNode line = Json.object()
                        .put("id", prediction.id())
                        .put("eventTime", prediction.eventTime())
                        .put("version", prediction.version());
                line.set("features", Json.tree(prediction.features().asMap()));
                lines.append(line).append('\n');
                versions.add(prediction.version());
            }
        });
        if (lines.isEmpty()) {
            return Optional.empty();
        }
        ObjectNode columns = Json.object();
        versions.forEach(version -> columns.set(version, Json.tree(columns(VersionId.parse(version)))));
        return Optional.of(new Logged(blobs.put(lines.toString().getBytes(StandardCharsets.UTF_8)), columns));
    }

    private List<String> columns(VersionId version) {
        return registry.find(version)
                .map(ModelVersion::manifest)
                .map(this::signature)
                .orElse(List.of());
    }

    /** Names of the columns that a model asks for. */
    List<String> signature(Digest manifest) {
        JsonNode signature = Json.parse(blobs.bytes(manifest)).path("signature");
        List<String> names = new ArrayList<>();
        (signature.has("columns") ? signature.get("columns") : signature)
                .forEach(column -> names.add(column.path("name").asText()));
        return names;
    }
}
