package dev.perennial.worker.training;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.worker.data.DuckDb;
import dev.perennial.worker.data.Sql;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** Writes the rows that a program may learn from, and nothing else, into a folder: {@code rows.parquet} and {@code snapshot.json}. */
final class SnapshotExport {
    static final String ROWS = "rows.parquet";
    static final String DESCRIPTION = "snapshot.json";

    private final List<Path> parts;
    private final List<FeatureType> features;
    private final Path temporary;

    SnapshotExport(List<Path> parts, List<FeatureType> features, Path temporary) {
        this.parts = parts;
        this.features = List.copyOf(features);
        this.temporary = temporary;
    }

    void write(Path folder, TrainingClip clip) throws IOException {
        SnapshotReader reader = new SnapshotReader(parts, features, temporary);
        List<String> keys;
        try (DuckDb db = DuckDb.open(DuckDb.Settings.in(temporary), parts, List.of(folder.toRealPath()))) {
            keys = reader.keyColumns(db);
            String days = clip.excludedDays().stream()
                    .sorted()
                    .map(day -> "date '" + day + "'")
                    .collect(Collectors.joining(", "));
            db.execute("copy (select * from " + reader.table() + " where "
                    + SnapshotReader.between(clip.from(), clip.before())
                    + " and label is not null and label_time <= make_timestamp(" + clip.labelKnownBy() + " * 1000)"
                    + (days.isEmpty() ? "" : " and day not in (" + days + ")") + " order by event_time"
                    + keys.stream().map(key -> ", " + Sql.name(key)).collect(Collectors.joining()) + ") to "
                    + Sql.text(folder.toRealPath().resolve(ROWS).toString()) + " (format parquet, compression zstd)");
        }
        ObjectNode description = Json.object();
        description.put("rows", ROWS).put("label", "label");
        description.set("key", Json.tree(keys));
        description.set("features", Json.tree(features));
        Files.writeString(folder.resolve(DESCRIPTION), Json.canonical(description));
    }
}
