package dev.perennial.tracking;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The files of a folder at one moment, each by its digest: what a registered version consists of, whatever is stored in the folder later.
 * Kept as a blob of canonical JSON, hence equal folders have equal digests.
 *
 * @param files by path
 */
public record ArtifactManifest(List<Entry> files) {
    static final Comparator<Entry> BY_PATH = Comparator.comparing(Entry::path);

    private static final String FORMAT = "perennial-artifacts-1";

    /**
     * One file.
     *
     * @param path below the folder
     * @param size in bytes
     */
    public record Entry(String path, Digest digest, long size) {}

    public ArtifactManifest {
        files = files.stream().sorted(BY_PATH).toList();
        Set<String> seen = new HashSet<>();
        for (Entry file : files) {
            if (!seen.add(file.path())) {
                throw PerennialException.state("the artifact '" + file.path() + "' is twice in one manifest");
            }
        }
    }

    public Optional<Entry> find(String path) {
        return files.stream().filter(file -> file.path().equals(path)).findFirst();
    }

    /** In bytes, all files together. */
    public long size() {
        return files.stream().mapToLong(Entry::size).sum();
    }

    /** The digest of the blob that keeps it. */
    public Digest digest() {
        return Digest.of(bytes());
    }

    byte[] bytes() {
        ObjectNode node = Json.object().put("format", FORMAT);
        ArrayNode array = node.putArray("files");
        for (Entry file : files) {
            array.addObject()
                    .put("path", file.path())
                    .put("digest", file.digest().hex())
                    .put("size", file.size());
        }
        return Json.canonical(node).getBytes(StandardCharsets.UTF_8);
    }

    static ArtifactManifest read(byte[] bytes) {
        JsonNode node = Json.parse(bytes);
        if (!node.path("format").asText().equals(FORMAT)) {
            throw PerennialException.state("not a manifest of artifacts: its format is '"
                    + node.path("format").asText() + "', expected '" + FORMAT + "'");
        }
        List<Entry> files = new ArrayList<>();
        for (JsonNode file : node.path("files")) {
            files.add(new Entry(
                    file.path("path").asText(),
                    new Digest(file.path("digest").asText()),
                    file.path("size").asLong()));
        }
        return new ArtifactManifest(files);
    }
}
