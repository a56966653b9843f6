package dev.perennial.worker.data;

import dev.perennial.lifecycle.file.Source;
import dev.perennial.worker.StepFailure;
import dev.perennial.worker.StepFailure.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/** Makes changed copies of sources, for drills: a feed that went dead for some days. */
public final class SourceCopies {
    private SourceCopies() {}

    /**
     * Copies a source to a Parquet file but for the rows whose time lies in [from, to); order and types stay.
     *
     * @param name of the source, for errors
     * @param column a time column, usually the event time
     * @param target is replaced when it is there
     * @return the same source at its new place
     */
    public static Source without(String name, Source source, String column, long from, long to, Path target) {
        try {
            Path absolute = target.toAbsolutePath();
            Path parent = absolute.getParent();
            if (parent == null) {
                throw new StepFailure(Kind.CONFIG, "target " + target + " lies in no folder");
            }
            Path folder = Files.createDirectories(parent).toRealPath();
            Path file = folder.resolve(absolute.getFileName());
            Path made = folder.resolve(absolute.getFileName() + ".tmp");
            Path temporary = folder.resolve("duckdb-"
                    + UUID.nameUUIDFromBytes(file.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8)));
            try (DuckDb db = DuckDb.open(
                    DuckDb.Settings.in(temporary), List.of(SourceTable.realFile(name, source)), List.of(folder))) {
                SourceTable table = SourceTable.open(db, name, source);
                table.requireTime(column, "column");
                String time = table.millis(column);
                db.execute("COPY (SELECT * FROM " + table.scan() + " WHERE " + time + " IS NULL OR " + time + " < "
                        + from + " OR " + time + " >= " + to + ") TO " + Sql.text(made.toString())
                        + " (FORMAT parquet, COMPRESSION zstd)");
            }
            Files.move(
                    made,
                    file,
                    java.nio.file.StandardCopyOption.ATOMIC_MOVE,
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            Files.deleteIfExists(temporary);
            return new Source(
                    file.toString(),
                    null,
                    source.key(),
                    source.eventTime(),
                    source.sample(),
                    source.knownAhead(),
                    source.knownAt());
        } catch (IOException e) {
            throw new StepFailure(Kind.INFRA, "cannot write " + target + ": " + e.getMessage());
        }
    }
}
