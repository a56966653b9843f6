package dev.perennial.worker.scoring;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.perennial.kernel.JsonWords;
import dev.perennial.predictionlog.ColumnType;
import dev.perennial.scoring.Column;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.Signature;
import dev.perennial.scorings.RowsFile;
import dev.perennial.worker.StepFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Rows of a file with one JSON object a line; blank lines are no rows. The objects pass to the result byte by byte. Not thread-safe. */
final class JsonLines implements InputRows {
    /** Objects whose names are looked at before any work. */
    private static final int LOOKED_AT = 1_000;

    private static final int LINE_BYTES_MAX = 16 << 20;
    private static final int BUFFER_BYTES = 1 << 16;

    private final CountedInput in;
    private final Signature signature;
    private final Set<String> added;
    private final JsonFactory factory = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int position;
    private int limit;
    private byte[] line = new byte[1 << 12];
    private int length;
    private long number;
    private final boolean[] given;

    private JsonLines(CountedInput in, Signature signature, Set<String> added) {
        this.in = in;
        this.signature = signature;
        this.added = added;
        this.given = new boolean[signature.size()];
    }

    /** @param added names that the result adds and no object may have */
    static JsonLines open(Path file, RowsFile format, Signature signature, Set<String> added) throws IOException {
        return new JsonLines(CountedInput.open(file, format.gzip()), signature, added);
    }

    /**
     * Looks at the first objects of a file.
     *
     * @throws StepFailure when none of them has a column that the model needs, or one has a column that the result adds
     */
    static void check(Path file, RowsFile format, Signature signature, Added added) throws IOException {
        Set<String> names = new TreeSet<>();
        boolean any = false;
        try (JsonLines lines = open(file, format, signature, Set.of())) {
            for (int i = 0; i < LOOKED_AT && lines.next(); i++) {
                any |= lines.names(names);
            }
        }
        added.fit(names);
        if (any) {
            List<String> missing = signature.columns().stream()
                    .filter(column -> column.required() && !names.contains(column.name()))
                    .map(Column::name)
                    .toList();
            MissingColumns.refuse(missing, new ArrayList<>(names));
        }
    }

    private boolean names(Set<String> into) throws IOException {
        try (JsonParser parser = factory.createParser(line, 0, length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return false;
            }
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                into.add(name);
                parser.nextToken();
                parser.skipChildren();
            }
            return true;
        } catch (JsonProcessingException e) {
            return false; // told in its row
        }
    }

    /** Reads the next line that is not blank. */
    boolean next() throws IOException {
        while (true) {
            length = 0;
            boolean ended = line();
            if (!blank()) {
                number++;
                return true;
            }
            if (ended) {
                return false;
            }
        }
    }

    /** Reads up to the end of a line; true at the end of the file. */
    private boolean line() throws IOException {
        while (true) {
            if (position == limit) {
                position = 0;
                limit = Math.max(0, in.read(buffer));
                if (limit == 0) {
                    return true;
                }
            }
            int end = position;
            while (end < limit && buffer[end] != '\n') {
                end++;
            }
            append(end);
            if (end < limit) {
                position = end + 1;
                return false;
            }
            position = end;
        }
    }

    private void append(int end) {
        int more = end - position;
        if (length + more > LINE_BYTES_MAX) {
            throw new StepFailure(
                    StepFailure.Kind.USER,
                    "the line after row " + number + " has more than " + LINE_BYTES_MAX + " bytes");
        }
        if (length + more > line.length) {
            line = Arrays.copyOf(line, Math.max(2 * line.length, length + more));
        }
        System.arraycopy(buffer, position, line, length, more);
        length += more;
    }

    private boolean blank() {
        for (int i = 0; i < length; i++) {
            if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r') {
                return false;
            }
        }
        return true;
    }

    /** The bytes of the line that was read last; valid up to {@link #length}, until the next one is read. */
    byte[] bytes() {
        return line;
    }

    int length() {
        return length;
    }

    @Override
    public int read(int count, Taker taker) throws IOException {
        int read = 0;
        while (read < count && next()) {
            taker.filled(fill(taker.next()));
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

    /** Fills a row from the line; says what is wrong with it, or null. */
    private @Nullable String fill(Row row) throws IOException {
        Arrays.fill(given, false);
        String first = null;
        try (JsonParser parser = factory.createParser(line, 0, length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return "the line is no JSON object";
            }
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                String problem = member(parser, name, row);
                first = first == null ? problem : first;
            }
            if (parser.nextToken() != null) {
                return "the line holds more than one JSON object";
            }
        } catch (JsonProcessingException e) {
            return "the line is no JSON object: " + TextCells.shown(JsonWords.why(e));
        }
        return first == null ? missing() : first;
    }

    private @Nullable String member(JsonParser parser, String name, Row row) throws IOException {
        JsonToken token = parser.nextToken();
        int at = signature.position(name);
        if (at < 0) {
            parser.skipChildren();
            return added.contains(name) ? name + ": the result adds a column of that name; rename it" : null;
        }
        given[at] = true;
        Column column = signature.column(at);
        boolean number = column.type() == ColumnType.NUMBER;
        String expected = number ? "a number" : "a text";
        return switch (token) {
            case VALUE_NULL -> null;
            case VALUE_STRING ->
                number
                        ? TextCells.wrong(name, expected, "the text '" + TextCells.shown(parser.getText()) + "'")
                        : TextCells.fill(column, parser.getText(), row, at);
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
                number
                        ? TextCells.fill(column, parser.getDoubleValue(), row, at)
                        : TextCells.wrong(name, expected, "the number " + TextCells.shown(parser.getText()));
            default -> {
                String actual = token.isStructStart() ? "a list or an object" : parser.getText();
                parser.skipChildren();
                yield TextCells.wrong(name, expected, actual);
            }
        };
    }

    private @Nullable String missing() {
        for (int i = 0; i < given.length; i++) {
            if (!given[i] && signature.column(i).required()) {
                return signature.column(i).name() + ": the column is missing; send null for a value that is not known";
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
        in.close();
    }
}
