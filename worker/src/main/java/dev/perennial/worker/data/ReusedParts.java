package dev.perennial.worker.data;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.data.SnapshotManifest.Part;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.worker.StepHandler.StepInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Takes over parts of an earlier snapshot: those of the same recipe that were and are final and whose bytes are what they were. A
 * part that fails any of this is simply made anew.
 */
final class ReusedParts {
    private final StepInput input;
    private final String recipe;
    private final long asOf;
    private final Path folder;

    ReusedParts(StepInput input, String recipe, long asOf, Path folder) {
        this.input = input;
        this.recipe = recipe;
        this.asOf = asOf;
        this.folder = folder;
    }

    /** Copies what can be used again into the folder; by week. */
    Map<String, Part> take() throws IOException {
        Map<String, Part> taken = new LinkedHashMap<>();
        if (input.parameters().hasNonNull("from")) {
            return taken;
        }
        for (JsonNode node : input.parameters().path("parts")) {
            Part part = Json.convert(node, Part.class);
            Optional<Path> file = file(part);
            if (part.recipe().equals(recipe)
                    && part.complete()
                    && part.finalAt() <= asOf
                    && file.isPresent()
                    && Digest.ofFile(file.get()).hex().equals(part.blob())) {
                Files.copy(file.get(), folder.resolve(part.name()));
                taken.put(
                        part.week(),
                        new Part(
                                part.week(),
                                part.name(),
                                part.blob(),
                                part.bytes(),
                                part.rows(),
                                part.finalAt(),
                                true,
                                part.recipe()));
            }
        }
        return taken;
    }

    private Optional<Path> file(Part part) {
        if (!part.name().equals("part-" + part.week() + ".parquet")
                || !part.week().matches("\\d{4}-W\\d{2}")) {
            return Optional.empty();
        }
        return input.inputs().entrySet().stream()
                .filter(entry ->
                        entry.getKey().equals(part.name()) || entry.getKey().endsWith("/" + part.name()))
                .map(Map.Entry::getValue)
                .findFirst();
    }
}
