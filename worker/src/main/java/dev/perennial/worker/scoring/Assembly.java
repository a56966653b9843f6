package dev.perennial.worker.scoring;

import dev.perennial.scorings.RowsFile;
import dev.perennial.worker.data.DuckDb;
import dev.perennial.worker.data.Sql;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** Puts what the model gave beside the rows of the input. Reads the input once more; equal inputs give equal bytes. Not thread-safe. */
final class Assembly {
    private static final int BUFFER_BYTES = 1 << 16;

    private final DuckDb db;
    private final ScoreOrder order;
    private final Path input;
    private final Parts parts;
    private final Added added;

    Assembly(DuckDb db, ScoreOrder order, Path input, Parts parts, Added added) {
        this.db = db;
        this.order = order;
        this.input = input;
        this.parts = parts;
        this.added = added;
    }

    /**
     * Writes the result.
     *
     * @param rows of the input, as many as the parts have
     * @param growing where it grows
     * @return its rows
     */
    long write(RowScorer scorer, long rows, int count, Path growing) throws IOException {
        return switch (order.format().kind()) {
            case PARQUET -> ofParquet(rows, count, growing);
            case CSV, TSV -> ofCsv(scorer, count, growing);
            case JSONL -> ofJson(scorer, count, growing);
        };
    }

    private long ofParquet(long rows, int count, Path growing) {
        String from = rows == 0
                ? "(SELECT * FROM " + source() + " WHERE false) i, (" + parts.none() + ") s"
                : source() + " i POSITIONAL JOIN " + parts.all(count) + " s";
        db.execute("COPY (SELECT i.*, " + parts.select("s", added.version()) + " FROM " + from + ") TO "
                + Sql.text(growing.toString()) + " (" + copyOptions(order.resultFormat()) + ")");
        return order.resultFormat().kind() == RowsFile.Kind.PARQUET ? parquetRows(growing) : rows;
    }

    private String source() {
        return "read_parquet(" + Sql.text(input.toString()) + ")";
    }

    private long parquetRows(Path file) {
        return db.one("SELECT count(*) FROM read_parquet(" + Sql.text(file.toString()) + ")", row -> row.getLong(1));
    }

    private static String copyOptions(RowsFile format) {
        String packed = format.gzip() ? ", COMPRESSION gzip" : "";
        return switch (format.kind()) {
            case PARQUET -> "FORMAT parquet, COMPRESSION zstd";
            case CSV -> "FORMAT csv, HEADER" + packed;
            case TSV -> "FORMAT csv, HEADER, DELIMITER '\t'" + packed;
            case JSONL -> "FORMAT json" + packed;
        };
    }

    private long ofCsv(RowScorer scorer, int count, Path growing) throws IOException {
        boolean parquet = order.resultFormat().kind() == RowsFile.Kind.PARQUET;
        Path text = parquet ? growing.resolveSibling(growing.getFileName() + ".csv") : growing;
        List<String> header;
        long rows = 0;
        try (CsvRows in = CsvRows.open(input, order.format(), scorer.signature());
                OutputStream out = open(text, !parquet && order.resultFormat().gzip())) {
            header = in.header();
            RowWriter writer = order.resultFormat().kind() == RowsFile.Kind.JSONL
                    ? new CsvAsJson(in, added, out)
                    : new CsvWriter(in, added, parquet ? order.format() : order.resultFormat(), order.format(), out);
            writer.header();
            for (int part = 0; part < count; part++) {
                Results results = parts.read(part);
                for (int row = 0; row < results.size() && in.next(); row++) {
                    writer.row(results, row);
                    rows++;
                }
            }
        }
        return parquet ? converted(text, header, growing) : rows;
    }

    /** A text stays a text: nothing is guessed from what it looks like. */
    private long converted(Path text, List<String> header, Path growing) throws IOException {
        List<String> columns = new ArrayList<>();
        header.forEach(name -> columns.add(Sql.text(name) + ": 'VARCHAR'"));
        added.model()
                .forEach(column -> columns.add(
                        Sql.text(column.name()) + ": " + Sql.text(column.kind().sql())));
        columns.add(Sql.text(Added.VERSION) + ": 'VARCHAR'");
        columns.add(Sql.text(Added.ERROR) + ": 'VARCHAR'");
        db.execute("COPY (SELECT * FROM read_csv(" + Sql.text(text.toString()) + ", auto_detect = false, header = true,"
                + " delim = " + Sql.text(String.valueOf(order.format().separator()))
                + ", quote = '\"', escape = '\"', nullstr = '', max_line_size = " + 2 * CsvRecords.RECORD_BYTES_MAX
                + ", columns = {" + String.join(", ", columns) + "})) TO " + Sql.text(growing.toString()) + " ("
                + copyOptions(order.resultFormat()) + ")");
        Files.delete(text);
        return parquetRows(growing);
    }

    private long ofJson(RowScorer scorer, int count, Path growing) throws IOException {
        long rows = 0;
        try (JsonLines in =
                        JsonLines.open(input, order.format(), scorer.signature(), java.util.Set.copyOf(added.names()));
                OutputStream out = open(growing, order.resultFormat().gzip())) {
            JsonWriter writer = new JsonWriter(added, out);
            for (int part = 0; part < count; part++) {
                Results results = parts.read(part);
                for (int row = 0; row < results.size() && in.next(); row++) {
                    writer.extended(in.bytes(), in.length(), results, row);
                    rows++;
                }
            }
        }
        return rows;
    }

    private static OutputStream open(Path file, boolean gzip) throws IOException {
        OutputStream plain = Files.newOutputStream(file);
        return new BufferedOutputStream(gzip ? new GZIPOutputStream(plain, BUFFER_BYTES) : plain, BUFFER_BYTES);
    }

    /** Writes the rows of a result. */
    interface RowWriter {
        void header() throws IOException;

        /** Writes the row that was read last, with its results. */
        void row(Results results, int row) throws IOException;
    }
}
