package dev.perennial.worker.scoring;

import dev.perennial.predictionlog.ColumnType;
import dev.perennial.scoring.Column;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.Signature;
import dev.perennial.worker.StepFailure;
import dev.perennial.worker.data.DuckDb;
import dev.perennial.worker.data.Sql;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.duckdb.DuckDBDataChunkReader;
import org.duckdb.DuckDBReadableVector;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a Parquet file, of which only the model's columns are read. A NaN is a missing number. Not thread-safe.
 *
 * <p>Cost: a piece of rows reads the row groups that hold it and no others.
 */
final class ParquetRows implements InputRows {
    private static final Pattern NUMBERS =
            Pattern.compile("U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL\\(.*");
    private static final Pattern TEXTS = Pattern.compile("VARCHAR|ENUM\\(.*");

    private final DuckDb db;
    private final String source;
    private final Signature signature;
    private final long total;
    private final List<Integer> positions = new ArrayList<>();
    private final String select;
    private long next;

    /** A column as the file declares it. */
    record Declared(String name, String type) {}

    private ParquetRows(DuckDb db, Path file, Signature signature) {
        this.db = db;
        this.source = Sql.text(file.toString());
        this.signature = signature;
        List<Declared> columns = columns(db, file);
        int[] places = MissingColumns.places(
                signature, columns.stream().map(Declared::name).toList());
        List<String> selected = new ArrayList<>();
        for (int i = 0; i < places.length; i++) {
            if (places[i] >= 0) {
                positions.add(i);
                selected.add(cast(signature.column(i), columns.get(places[i])));
            }
        }
        this.select = selected.isEmpty() ? "1" : String.join(", ", selected);
        this.total = db.one("SELECT count(*) FROM read_parquet(" + source + ")", row -> row.getLong(1));
    }

    static ParquetRows open(DuckDb db, Path file, Signature signature) {
        return new ParquetRows(db, file, signature);
    }

    static List<Declared> columns(DuckDb db, Path file) {
        return db.list(
                "DESCRIBE SELECT * FROM read_parquet(" + Sql.text(file.toString()) + ")",
                row -> new Declared(row.getString(1), row.getString(2)));
    }

    private static String cast(Column wanted, Declared found) {
        boolean number = wanted.type() == ColumnType.NUMBER;
        if (!(number ? NUMBERS : TEXTS).matcher(found.type()).matches()) {
            throw new StepFailure(
                    StepFailure.Kind.CONFIG,
                    "column '" + found.name() + "' of the file is " + found.type() + ", the model takes a "
                            + wanted.type().word());
        }
        return "CAST(" + Sql.name(found.name()) + " AS " + (number ? "DOUBLE" : "VARCHAR") + ")";
    }

    @Override
    public int read(int count, Taker taker) {
        int rows = (int) Math.min(count, total - next);
        if (rows > 0) {
            db.chunks(
                    "SELECT " + select + " FROM read_parquet(" + source + ", file_row_number = true)"
                            + " WHERE file_row_number >= " + next + " AND file_row_number < " + (next + rows),
                    chunk -> fill(chunk, taker));
        }
        next += rows;
        return rows;
    }

    @Override
    public int skip(int count) {
        int rows = (int) Math.min(count, total - next);
        next += rows;
        return rows;
    }

    private void fill(DuckDBDataChunkReader chunk, Taker taker) {
        DuckDBReadableVector[] vectors = new DuckDBReadableVector[positions.size()];
        for (int i = 0; i < vectors.length; i++) {
            vectors[i] = chunk.vector(i);
        }
        for (int at = 0; at < chunk.rowCount(); at++) {
            Row row = taker.next();
            String problem = null;
            for (int i = 0; i < vectors.length && problem == null; i++) {
                problem = vectors[i].isNull(at) ? null : fill(vectors[i], at, row, positions.get(i));
            }
            taker.filled(problem);
        }
    }

    private @Nullable String fill(DuckDBReadableVector vector, int at, Row row, int position) {
        Column column = signature.column(position);
        if (column.type() == ColumnType.CATEGORY) {
            row.text(position, vector.getString(at));
            return null;
        }
        double value = vector.getDouble(at);
        return Double.isNaN(value) ? null : TextCells.fill(column, value, row, position);
    }

    /** Rows of the file. */
    long total() {
        return total;
    }

    @Override
    public double share() {
        return total == 0 ? 1 : (double) next / total;
    }

    @Override
    public void close() {
        // DuckDB is the job's
    }
}
