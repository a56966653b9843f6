package dev.perennial.worker.scoring;

import dev.perennial.worker.data.DuckDb;
import dev.perennial.worker.data.Sql;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBDataChunkReader;
import org.duckdb.DuckDBReadableVector;
import org.jspecify.annotations.Nullable;

/**
 * The finished parts of a job: a Parquet file with the model's columns and the errors for each {@link #ROWS} rows. A part appears whole and
 * lasts over a crash, so that no later attempt scores its rows again. Not thread-safe.
 */
final class Parts {
    /** Rows of each part but the last. */
    static final int ROWS = 50_000;

    private static final String ERROR = "e";
    private static final String TABLE = "part";

    private final DuckDb db;
    private final Path folder;
    private final Path staging;
    private final List<OutputColumn> columns;

    /** @param staging where a part grows; of this attempt alone, on the same file system as the folder */
    Parts(DuckDb db, Path folder, Path staging, List<OutputColumn> columns) {
        this.db = db;
        this.folder = folder;
        this.staging = staging;
        this.columns = columns;
    }

    Path file(int number) {
        return folder.resolve(String.format(Locale.ROOT, "part-%06d.parquet", number));
    }

    boolean has(int number) {
        return Files.isRegularFile(file(number));
    }

    /** Rows of a part and how many of them have no result. */
    int[] counts(int number) {
        return db.one("SELECT count(*), count(" + ERROR + ") FROM " + scan(file(number)), row ->
                new int[] {row.getInt(1), row.getInt(2)});
    }

    void write(int number, Results results) throws IOException {
        db.execute("CREATE TABLE " + TABLE + " ("
                + columns.stream()
                        .map(column -> name(columns.indexOf(column)) + " "
                                + column.kind().sql())
                        .collect(Collectors.joining(", "))
                + ", " + ERROR + " VARCHAR)");
        db.append(TABLE, appender -> append(appender, results));
        Path growing = staging.resolve(file(number).getFileName());
        db.execute("COPY " + TABLE + " TO " + Sql.text(growing.toString()) + " (FORMAT parquet, COMPRESSION zstd)");
        db.execute("DROP TABLE " + TABLE);
        durable(growing);
        Files.move(growing, file(number), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Flushes the bytes of a file to the disk. */
    static void durable(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    private void append(DuckDBAppender appender, Results results) throws SQLException {
        for (int row = 0; row < results.size(); row++) {
            appender.beginRow();
            String error = results.error(row);
            for (int column = 0; column < columns.size(); column++) {
                if (error != null) {
                    appender.appendNull();
                    continue;
                }
                switch (columns.get(column).kind()) {
                    case NUMBER -> appender.append(results.number(column, row));
                    case WHOLE -> appender.append(results.whole(column, row));
                    case TEXT -> appender.append((String) results.value(column, row));
                }
            }
            appender.append(error);
            appender.endRow();
        }
    }

    /** Reads a part back. */
    Results read(int number) {
        Results results = new Results(columns, ROWS);
        db.chunks("SELECT * FROM " + scan(file(number)), chunk -> add(chunk, results));
        return results;
    }

    private void add(DuckDBDataChunkReader chunk, Results results) {
        DuckDBReadableVector errors = chunk.vector(columns.size());
        for (int row = 0; row < chunk.rowCount(); row++) {
            int at = results.add(text(errors, row));
            for (int column = 0; column < columns.size() && errors.isNull(row); column++) {
                DuckDBReadableVector values = chunk.vector(column);
                switch (columns.get(column).kind()) {
                    case NUMBER -> results.number(column, at, values.getDouble(row));
                    case WHOLE -> results.whole(column, at, values.getLong(row));
                    case TEXT -> results.text(column, at, text(values, row));
                }
            }
        }
    }

    private static @Nullable String text(DuckDBReadableVector vector, int row) {
        return vector.isNull(row) ? null : vector.getString(row);
    }

    /** All parts as one table whose columns are those of the model, then {@code error}. */
    String all(int count) {
        List<String> files = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            files.add(Sql.text(file(i).toString()));
        }
        return "read_parquet([" + String.join(", ", files) + "])";
    }

    /** Selects what was added, under the names of the result. */
    String select(String alias, String version) {
        List<String> selected = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            selected.add(
                    alias + "." + name(i) + " AS " + Sql.name(columns.get(i).name()));
        }
        selected.add(Sql.text(version) + " AS " + Sql.name(Added.VERSION));
        selected.add(alias + "." + ERROR + " AS " + Sql.name(Added.ERROR));
        return String.join(", ", selected);
    }

    /** A query with the columns of a part and no row. */
    String none() {
        List<String> selected = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            selected.add("CAST(NULL AS " + columns.get(i).kind().sql() + ") AS " + name(i));
        }
        selected.add("CAST(NULL AS VARCHAR) AS " + ERROR);
        return "SELECT " + String.join(", ", selected);
    }

    private static String scan(Path file) {
        return "read_parquet(" + Sql.text(file.toString()) + ")";
    }

    private static String name(int column) {
        return "c" + column;
    }
}
