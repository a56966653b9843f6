package dev.perennial.worker.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.perennial.data.SnapshotManifest;
import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.worker.StepHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes a snapshot: feature rows of every sampled base row whose event lies before the clock, each as of its prediction time, with the
 * labels known by the clock. One Parquet file for each ISO week of local days; a week that cannot change any more is taken over from an
 * earlier snapshot when recipe and bytes match. The same parameters and sources give the same bytes.
 *
 * <p>Parameters: {@code lifecycle, asOf}, optional {@code from} and {@code parts} (as this step described them). Inputs: files of earlier
 * parts, under any name that ends with the part's. Values: {@code manifest, rows, labelled, days, parts, newParts, features, recipe}.
 */
public final class SnapshotStep implements StepHandler {
    /** Name of the manifest among the files. */
    public static final String MANIFEST = "manifest.json";

    /** Name of the profile among the files. */
    public static final String PROFILE = "profile.json";

    @Override
    public String kind() {
        return "snapshot";
    }

    @Override
    public StepOutput run(StepInput input) throws IOException {
        LifecycleFile file = StepParameters.lifecycle(input.parameters());
        long asOf = StepParameters.time(input.parameters(), "asOf");
        long from = StepParameters.time(input.parameters(), "from", Long.MIN_VALUE);
        Path staging = input.staging().toRealPath();
        Path temporary = staging.resolve("tmp");
        try (DuckDb db = DuckDb.open(DuckDb.Settings.in(temporary), SourceTable.realFiles(file), List.of(staging))) {
            FeatureQuery query = new FeatureQuery(db, file);
            SnapshotColumns columns = new SnapshotColumns(file, query);
            SnapshotRecipe recipe = SnapshotRecipe.of(file);
            Map<String, SnapshotManifest.Part> reused = new ReusedParts(input, recipe.digest(), asOf, staging).take();
            input.progress().report(0.1, "taking over " + reused.size() + " finished weeks");
            List<SnapshotManifest.Part> made =
                    new PartWriter(db, file, query, columns, recipe, staging).write(from, asOf, reused.keySet());
            input.progress().report(0.7, "wrote " + made.size() + " weeks");
            List<SnapshotManifest.Part> parts = new ArrayList<>(reused.values());
            parts.addAll(made);
            parts.sort(java.util.Comparator.comparing(SnapshotManifest.Part::week));
            return describe(db, file, columns, recipe, parts, made, asOf, staging);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static StepOutput describe(
            DuckDb db,
            LifecycleFile file,
            SnapshotColumns columns,
            SnapshotRecipe recipe,
            List<SnapshotManifest.Part> parts,
            List<SnapshotManifest.Part> made,
            long asOf,
            Path staging)
            throws IOException {
        List<Path> paths =
                parts.stream().map(part -> staging.resolve(part.name())).toList();
        byte[] profile = Json.canonical(new Profiler(db, columns.features()).profile(paths))
                .getBytes(java.nio.charset.StandardCharsets.UTF_8);
        List<SnapshotManifest.Day> days = paths.isEmpty()
                ? List.of()
                : db.list(
                        "SELECT CAST(day AS VARCHAR), count(*), count(label) FROM " + PartWriter.scan(paths)
                                + " GROUP BY day ORDER BY day",
                        row -> new SnapshotManifest.Day(row.getString(1), row.getLong(2), row.getLong(3)));
        SnapshotManifest manifest = new SnapshotManifest(
                SnapshotManifest.FORMAT,
                file.model(),
                asOf,
                recipe.digest(),
                recipe.sources(),
                file.base().key(),
                columns.described(),
                parts,
                days,
                dev.perennial.kernel.Digest.of(profile).hex());
        Files.write(staging.resolve(PROFILE), profile);
        Files.write(staging.resolve(MANIFEST), manifest.bytes());

        Map<String, Path> files = new LinkedHashMap<>();
        files.put(MANIFEST, Path.of(MANIFEST));
        files.put(PROFILE, Path.of(PROFILE));
        parts.forEach(part -> files.put(part.name(), Path.of(part.name())));
        Map<String, JsonNode> values = new LinkedHashMap<>();
        values.put("manifest", Json.tree(manifest.digest().hex()));
        values.put("rows", Json.tree(manifest.rows()));
        values.put("labelled", Json.tree(manifest.labelled()));
        values.put("days", Json.tree(days));
        values.put("parts", Json.tree(parts));
        ArrayNode newParts = Json.array();
        made.forEach(part -> newParts.add(part.name()));
        values.put("newParts", newParts);
        values.put("features", Json.tree(columns.features()));
        values.put("recipe", Json.tree(recipe.digest()));
        return new StepOutput(values, files);
    }
}
