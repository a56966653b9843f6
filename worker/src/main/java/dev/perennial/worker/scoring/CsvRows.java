package dev.perennial.worker.scoring;

import dev.perennial.scoring.Column;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.Signature;
import dev.perennial.scorings.RowsFile;
import dev.perennial.worker.StepFailure;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a CSV file, whose first line names the columns. Nothing between two separators is a missing value, a pair of quotes an empty
 * text. Not thread-safe.
 */
final class CsvRows implements InputRows {
    private final CountedInput in;
    private final CsvRecords records;
    private final List<String> header;
    private final boolean carriageReturns;
    private final Signature signature;
    private final int[] places;

    private CsvRows(CountedInput in, CsvRecords records, Signature signature) throws IOException {
        this.in = in;
        this.records = records;
        this.signature = signature;
        if (!records.next(false)) {
            throw refused("the file is empty; its first line must name the columns");
        }
        if (records.problem() != null) {
            throw refused("the first line must name the columns, but " + records.problem());
        }
        this.carriageReturns = records.carriageReturn();
        this.header = new ArrayList<>();
        for (int i = 0; i < records.fields(); i++) {
            header.add(records.text(i));
        }
        this.places = MissingColumns.places(signature, header);
    }

    /** @throws StepFailure for a file without a header, or with one that does not fit the model */
    static CsvRows open(Path file, RowsFile format, Signature signature) throws IOException {
        CountedInput in = CountedInput.open(file, format.gzip());
        try {
            return new CsvRows(in, new CsvRecords(in, format.separator()), signature);
        } catch (CharacterCodingException e) {
            in.close();
            throw refused("the names of the columns are not UTF-8");
        } catch (IOException | RuntimeException e) {
            in.close();
            throw e;
        }
    }

    private static StepFailure refused(String why) {
        return new StepFailure(StepFailure.Kind.CONFIG, why);
    }

    List<String> header() {
        return header;
    }

    boolean carriageReturns() {
        return carriageReturns;
    }

    /** The record of the row that was read last. */
    CsvRecords record() {
        return records;
    }

    /** Reads the next row without looking at it. */
    boolean next() throws IOException {
        return records.next(header.size() == 1);
    }

    /** Why the row that was read last does not fit the header; null when it does. */
    @Nullable
    String problem() {
        if (records.problem() != null) {
            return records.problem();
        }
        return records.fields() == header.size()
                ? null
                : "the row has " + records.fields() + " fields, the header " + header.size();
    }

    @Override
    public int read(int count, Taker taker) throws IOException {
        int read = 0;
        while (read < count && next()) {
            Row row = taker.next();
            String problem = problem();
            taker.filled(problem == null ? fill(row) : problem);
            read++;
        }
        return read;
    }

    @Override
    public int skip(int count) throws IOException {
        int skipped = 0;
        while (skipped < count && next()) {
            skipped++;
        }
        return skipped;
    }

    private @Nullable String fill(Row row) {
        for (int i = 0; i < places.length; i++) {
            int place = places[i];
            if (place < 0 || records.empty(place)) {
                continue;
            }
            Column column = signature.column(i);
            try {
                String problem = TextCells.fill(column, records.text(place), row, i);
                if (problem != null) {
                    return problem;
                }
            } catch (CharacterCodingException e) {
                return column.name() + ": the text is not UTF-8";
            }
        }
        return null;
    }

    @Override
    public double share() {
        return in.share();
    }

    @Override
    public void close() throws IOException {
        records.close();
    }
}
