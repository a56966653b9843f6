package dev.perennial.worker.scoring;

import dev.perennial.worker.StepFailure;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Records of a CSV file (RFC 4180) as bytes: a field may be quoted, hold separators, line breaks and doubled quotes. What the file holds
 * otherwise passes unread, so that a result repeats it byte by byte. Blank lines are no records unless there is one column alone. Not
 * thread-safe.
 *
 * <p>Cost: one pass over the bytes; texts are made of the fields that are asked for.
 */
final class CsvRecords implements Closeable {
    /** The largest record; a quote that is never closed would take the rest of the file for one. */
    static final int RECORD_BYTES_MAX = 16 << 20;

    private static final int BUFFER_BYTES = 1 << 16;
    private static final int END = -1;

    private final InputStream in;
    private final byte separator;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int position;
    private int limit;
    private byte[] record = new byte[1 << 12];
    private int length;
    private int[] ends = new int[64];
    private boolean[] quoted = new boolean[64];
    private int fields;
    private long number;
    private boolean carriageReturn;
    private @Nullable String problem;

    CsvRecords(InputStream in, char separator) throws IOException {
        this.in = in;
        this.separator = (byte) separator;
        skipMark();
    }

    /** The mark that some programs put before UTF-8. */
    private void skipMark() throws IOException {
        limit = in.readNBytes(buffer, 0, 3);
        boolean mark = limit == 3 && buffer[0] == (byte) 0xEF && buffer[1] == (byte) 0xBB && buffer[2] == (byte) 0xBF;
        position = mark ? limit : 0;
    }

    private int read() throws IOException {
        if (position == limit) {
            limit = in.read(buffer);
            position = 0;
            if (limit <= 0) {
                limit = 0;
                return END;
            }
        }
        return buffer[position++] & 0xFF;
    }

    private int peek() throws IOException {
        int next = read();
        if (next != END) {
            position--;
        }
        return next;
    }

    /**
     * Reads the next record that is no blank line.
     *
     * @param keepBlank whether a blank line is a record of one empty field
     * @return false at the end of the file
     */
    boolean next(boolean keepBlank) throws IOException {
        while (peek() != END) {
            record();
            number++;
            if (keepBlank || length > 0) {
                return true;
            }
            number--;
        }
        return false;
    }

    private void record() throws IOException {
        length = 0;
        fields = 0;
        problem = null;
        carriageReturn = false;
        while (field()) {
            // the next one of this record
        }
    }

    /** Reads a field and what ends it; false when it was the last of the record. */
    private boolean field() throws IOException {
        int start = length;
        boolean quotes = peek() == '"';
        if (quotes) {
            quotedPart();
        }
        while (true) {
            int b = read();
            if (b == (separator & 0xFF)) {
                end(start, quotes);
                add(separator);
                return true;
            }
            if (b == '\n' || b == END) {
                if (b == '\n' && length > start && record[length - 1] == '\r') {
                    length--;
                    carriageReturn = true;
                }
                end(start, quotes);
                return false;
            }
            add((byte) b);
        }
    }

    /** From a quote to the one that closes it. */
    private void quotedPart() throws IOException {
        add((byte) read());
        while (true) {
            int b = read();
            if (b == END) {
                problem = "the quote that begins field " + (fields + 1) + " is not closed";
                return;
            }
            add((byte) b);
            if (b == '"') {
                if (peek() != '"') {
                    return;
                }
                add((byte) read());
            }
        }
    }

    private void end(int start, boolean quotes) {
        if (fields == ends.length) {
            ends = Arrays.copyOf(ends, 2 * fields);
            quoted = Arrays.copyOf(quoted, 2 * fields);
        }
        if (quotes && problem == null && (length - start < 2 || record[length - 1] != '"')) {
            problem = "field " + (fields + 1) + " goes on after its closing quote";
        }
        quoted[fields] = quotes;
        ends[fields++] = length;
    }

    private void add(byte b) {
        if (length == record.length) {
            if (length >= RECORD_BYTES_MAX) {
                throw new StepFailure(
                        StepFailure.Kind.USER,
                        "the record after row " + Math.max(0, number - 1) + " has more than " + RECORD_BYTES_MAX
                                + " bytes; is a quote not closed there?");
            }
            record = Arrays.copyOf(record, 2 * length);
        }
        record[length++] = b;
    }

    int fields() {
        return fields;
    }

    /** Why the record is no good one; null when it is. */
    @Nullable
    String problem() {
        return problem;
    }

    /** Whether the line ended with a carriage return, too. */
    boolean carriageReturn() {
        return carriageReturn;
    }

    /** The bytes of the record; valid up to {@link #length}, until the next one is read. */
    byte[] bytes() {
        return record;
    }

    int length() {
        return length;
    }

    /** Where a field ends in the bytes. */
    int end(int field) {
        return ends[field];
    }

    private int start(int field) {
        return field == 0 ? 0 : ends[field - 1] + 1;
    }

    /** Whether nothing stands where the field is, not even quotes. */
    boolean empty(int field) {
        return start(field) == ends[field];
    }

    /** The text of a field without its quotes. */
    String text(int field) throws CharacterCodingException {
        int from = start(field);
        int to = ends[field];
        if (quoted[field] && problem == null) {
            from++;
            to--;
        }
        for (int i = from; i < to; i++) {
            if (record[i] < 0) {
                return unquoted(field, decoded(from, to));
            }
        }
        return unquoted(field, new String(record, from, to - from, StandardCharsets.ISO_8859_1));
    }

    private String decoded(int from, int to) throws CharacterCodingException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .decode(ByteBuffer.wrap(record, from, to - from))
                .toString();
    }

    private String unquoted(int field, String text) {
        return quoted[field] && text.indexOf('"') >= 0 ? text.replace("\"\"", "\"") : text;
    }

    /** The text of a field whatever its bytes are, for showing. */
    String shown(int field) {
        try {
            return text(field);
        } catch (CharacterCodingException e) {
            return new String(record, start(field), ends[field] - start(field), StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
