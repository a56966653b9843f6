package dev.perennial.worker.scoring;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes objects with results behind their own members, one a line. Not thread-safe. */
final class JsonWriter {
    /** Under this name stands a line that is no object. */
    static final String LINE = "line";

    private final JsonStringEncoder encoder = JsonStringEncoder.getInstance();
    private final List<byte[]> names = new ArrayList<>();
    private final Added added;
    private final byte[] version;
    private final OutputStream out;

    JsonWriter(Added added, OutputStream out) {
        this.added = added;
        this.out = out;
        this.version = quoted(added.version());
        added.names().forEach(name -> names.add(name(name)));
    }

    /** A quoted name with its colon. */
    byte[] name(String name) {
        byte[] quoted = quoted(name);
        byte[] all = java.util.Arrays.copyOf(quoted, quoted.length + 1);
        all[quoted.length] = ':';
        return all;
    }

    byte[] quoted(String text) {
        byte[] inside = encoder.quoteAsUTF8(text);
        byte[] all = new byte[inside.length + 2];
        all[0] = '"';
        System.arraycopy(inside, 0, all, 1, inside.length);
        all[all.length - 1] = '"';
        return all;
    }

    /** Repeats an object and adds its results; a line that is none, or cannot be added to, stands in an object as text. */
    void extended(byte[] line, int length, Results results, int row) throws IOException {
        int from = 0;
        int to = length;
        while (to > from && space(line[to - 1])) {
            to--;
        }
        while (from < to && space(line[from])) {
            from++;
        }
        boolean object = results.error(row) == null || repeatable(results.error(row));
        if (object && to - from >= 2 && line[from] == '{' && line[to - 1] == '}') {
            int inside = to - 1;
            while (space(line[inside - 1])) {
                inside--;
            }
            out.write(line, from, inside - from);
            results(results, row, inside - from > 1);
        } else {
            out.write('{');
            out.write(name(LINE));
            out.write(quoted(new String(line, from, to - from, StandardCharsets.UTF_8)));
            results(results, row, true);
        }
    }

    /** Whether the line is an object in spite of what is wrong with it. */
    private boolean repeatable(@Nullable String error) {
        return error != null
                && !error.startsWith("the line ")
                && added.names().stream().noneMatch(name -> error.startsWith(name + ": the result adds"));
    }

    /** Ends the object that is being written. */
    void results(Results results, int row, boolean comma) throws IOException {
        boolean first = !comma;
        for (int column = 0; column < added.model().size(); column++) {
            member(column, first, value(results.value(column, row)));
            first = false;
        }
        member(added.model().size(), false, version);
        String error = results.error(row);
        member(added.model().size() + 1, false, error == null ? value(null) : quoted(error));
        out.write('}');
        out.write('\n');
    }

    private void member(int name, boolean first, byte[] value) throws IOException {
        if (!first) {
            out.write(',');
        }
        out.write(names.get(name));
        out.write(value);
    }

    private byte[] value(@Nullable Object value) {
        return value instanceof String text
                ? quoted(text)
                : String.valueOf(value instanceof Double d && !Double.isFinite(d) ? null : value)
                        .getBytes(StandardCharsets.US_ASCII);
    }

    private static boolean space(byte b) {
        return b == ' ' || b == '\t' || b == '\r';
    }
}
