package dev.perennial.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.VersionId;
import dev.perennial.predictionlog.LogColumn;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.registry.ModelVersion;
import dev.perennial.registry.Registry;
import dev.perennial.serving.PredictionLog;
import dev.perennial.store.BlobStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

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
        Map<String, Compared> versions = new TreeMap<>();
        log.between(model, from, to, record -> {
            if (record instanceof PredictionRecord prediction && seen.add(prediction.id())) {
                ObjectNode line = Json.object()
                        .put("id", prediction.id())
                        .put("eventTime", prediction.eventTime())
                        .put("version", prediction.version());
                line.set("features", Json.tree(prediction.features().asMap()));
                lines.append(line).append('\n');
                versions.computeIfAbsent(prediction.version(), Compared::new)
                        .row(prediction.features().columns());
            }
        });
        if (lines.isEmpty()) {
            return Optional.empty();
        }
        ObjectNode columns = Json.object();
        versions.forEach((version, compared) -> columns.set(version, Json.tree(compared.names)));
        return Optional.of(new Logged(blobs.put(lines.toString().getBytes(StandardCharsets.UTF_8)), columns));
    }

    /** Which columns of a version's signature are compared: those that the log of each of its rows holds. */
    private final class Compared {
        private final Set<String> names;
        private List<LogColumn> seen = List.of();

        Compared(String version) {
            this.names = new LinkedHashSet<>(columns(VersionId.parse(version)));
        }

        void row(List<LogColumn> logged) {
            if (seen != logged) { // the same list for all rows of a segment
                seen = logged;
                Set<String> there = logged.stream().map(LogColumn::name).collect(Collectors.toSet());
                names.retainAll(there);
            }
        }
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
