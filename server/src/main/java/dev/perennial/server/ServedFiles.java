package dev.perennial.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.serving.ScorerFleet;
import dev.perennial.store.BlobStore;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Which blobs are files of the models that somebody serves, those of Python models included, which their manifests name. Thread-safe. */
final class ServedFiles {
    private static final int KEPT = 32;

    private final ScorerFleet fleet;
    private final BlobStore blobs;
    private final Map<Digest, Set<String>> folders = new LinkedHashMap<>();

    ServedFiles(ScorerFleet fleet, BlobStore blobs) {
        this.fleet = fleet;
        this.blobs = blobs;
    }

    /** @param mine endpoints that count */
    boolean has(Digest blob, Predicate<String> mine) {
        return fleet.names(blob, mine)
                || fleet.folders(mine).stream()
                        .anyMatch(manifest -> folder(manifest).contains(blob.hex()));
    }

    /** A folder has up to 10,000 files, and each is asked for on its own: the newest manifests are kept as they were read. */
    private synchronized Set<String> folder(Digest manifest) {
        Set<String> known = folders.get(manifest);
        if (known != null) {
            return known;
        }
        Set<String> files = new HashSet<>();
        for (JsonNode file : Json.parse(blobs.bytes(manifest)).path("files")) {
            files.add(file.path("digest").asText());
        }
        if (folders.size() == KEPT) {
            folders.remove(folders.keySet().iterator().next());
        }
        folders.put(manifest, files);
        return files;
    }
}
