package dev.perennial.worker.data;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.lifecycle.file.Source;
import java.util.Map;
import java.util.TreeMap;

/**
 * Everything that decides about the rows of a part. Two lifecycle files with the same recipe share parts, wherever their sources lie.
 *
 * @param sources digest of each source's file
 */
record SnapshotRecipe(String digest, Map<String, String> sources) {
    static SnapshotRecipe of(LifecycleFile file) {
        Map<String, String> contents = new TreeMap<>();
        ObjectNode recipe = Json.object();
        ObjectNode sources = recipe.putObject("sources");
        for (String name : file.sources().keySet()) {
            Source source = file.source(name);
            String content = Digest.ofFile(SourceTable.realFile(name, source)).hex();
            contents.put(name, content);
            Source anywhere = new Source(
                    content,
                    source.csv(),
                    source.key(),
                    source.eventTime(),
                    source.sample(),
                    source.knownAhead(),
                    source.knownAt());
            sources.set(name, Json.tree(anywhere));
        }
        recipe.set("predict", Json.tree(file.predict()));
        recipe.set("features", Json.tree(file.features()));
        recipe.set(
                "quarantine",
                Json.tree(file.sources().keySet().stream()
                        .sorted()
                        .flatMap(name -> RowRules.quarantine(file.contract(), name).stream())
                        .toList()));
        recipe.put("zone", file.timeZone());
        return new SnapshotRecipe(Json.digest(recipe).hex(), contents);
    }
}
