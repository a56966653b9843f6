package dev.perennial.worker.scoring;

import dev.perennial.scorings.RowsFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Repeats the rows of a CSV file byte by byte with the results behind; a row that does not fit the header is made to. Not thread-safe. */
final class CsvWriter implements Assembly.RowWriter {
    private final CsvRows in;
    private final Added added;
    private final char separator;
    private final boolean repeats;
    private final byte[] lineEnd;
    private final byte[] version;
    private final OutputStream out;

    CsvWriter(CsvRows in, Added added, RowsFile format, RowsFile inputFormat, OutputStream out) {
        this.in = in;
        this.added = added;
        this.separator = format.separator();
        this.repeats = separator == inputFormat.separator();
        this.lineEnd = (in.carriageReturns() ? "\r\n" : "\n").getBytes(StandardCharsets.US_ASCII);
        this.version = bytes(added.version());
        this.out = out;
    }

    @Override
    public void header() throws IOException {
        List<String> header = in.header();
        for (int i = 0; i < header.size(); i++) {
            separate(i > 0);
            out.write(bytes(header.get(i)));
        }
        for (String name : added.names()) {
            separate(true);
            out.write(bytes(name));
        }
        out.write(lineEnd);
    }

    @Override
    public void row(Results results, int row) throws IOException {
        CsvRecords record = in.record();
        if (repeats && in.problem() == null) {
            out.write(record.bytes(), 0, record.length());
        } else {
            fitted(record);
        }
        for (int column = 0; column < added.model().size(); column++) {
            separate(true);
            Object value = results.value(column, row);
            if (value != null) {
                out.write(bytes(value.toString()));
            }
        }
        separate(true);
        out.write(version);
        separate(true);
        String error = results.error(row);
        if (error != null) {
            out.write(bytes(error));
        }
        out.write(lineEnd);
    }

    /** As many fields as the header has: what is missing is empty, what is too much is left out. */
    private void fitted(CsvRecords record) throws IOException {
        for (int i = 0; i < in.header().size(); i++) {
            separate(i > 0);
            if (i < record.fields() && !record.empty(i)) {
                out.write(bytes(record.shown(i)));
            }
        }
    }

    private void separate(boolean needed) throws IOException {
        if (needed) {
            out.write(separator);
        }
    }

    private byte[] bytes(String text) {
        boolean quotes = text.isEmpty()
                || text.indexOf(separator) >= 0
                || text.indexOf('"') >= 0
                || text.indexOf('\n') >= 0
                || text.indexOf('\r') >= 0;
        String shown = quotes ? '"' + text.replace("\"", "\"\"") + '"' : text;
        return shown.getBytes(StandardCharsets.UTF_8);
    }
}
