package dev.perennial.worker.scoring;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes the rows of a CSV file as objects of texts; nothing between two separators is null. Not thread-safe. */
final class CsvAsJson implements Assembly.RowWriter {
    private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

    private final CsvRows in;
    private final JsonWriter writer;
    private final OutputStream out;
    private final List<byte[]> names = new ArrayList<>();

    CsvAsJson(CsvRows in, Added added, OutputStream out) {
        this.in = in;
        this.out = out;
        this.writer = new JsonWriter(added, out);
        in.header().forEach(name -> names.add(writer.name(name)));
    }

    @Override
    public void header() {
        // each object names its members
    }

    @Override
    public void row(Results results, int row) throws IOException {
        CsvRecords record = in.record();
        out.write('{');
        for (int i = 0; i < names.size(); i++) {
            if (i > 0) {
                out.write(',');
            }
            out.write(names.get(i));
            out.write(i >= record.fields() || record.empty(i) ? NULL : writer.quoted(record.shown(i)));
        }
        writer.results(results, row, true);
    }
}
