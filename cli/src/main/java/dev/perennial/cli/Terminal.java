package dev.perennial.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.PrintStream;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Where a command speaks: results on standard output, progress and errors on standard error. Nothing is coloured and nothing is asked.
 * What comes from elsewhere is printed without control characters, so that no name can drive the terminal.
 */
public final class Terminal {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final ObjectWriter JSON = new ObjectMapper().writerWithDefaultPrettyPrinter();
    private static final int CELL_MAX = 80;

    private final PrintStream out;
    private final PrintStream err;
    private final boolean interactive;

    /** @param interactive whether a person sits at standard error: only then are lines rewritten in place */
    public Terminal(PrintStream out, PrintStream err, boolean interactive) {
        this.out = out;
        this.err = err;
        this.interactive = interactive;
    }

    public boolean interactive() {
        return interactive;
    }

    /** A line of the result. */
    public void line(String text) {
        out.println(clean(text));
    }

    public void json(JsonNode value) {
        try {
            out.println(JSON.writeValueAsString(value));
        } catch (JsonProcessingException e) {
            throw new CommandFailure(ExitCode.ERROR, "cannot write the answer as JSON: " + e.getMessage(), e);
        }
    }

    /** A line about what goes on. */
    public void progress(String text) {
        err.println(clean(text));
    }

    public void error(String text) {
        err.println("perennial: " + clean(text));
    }

    /** Columns as wide as their widest cell; the last one is not cut. */
    public void table(List<String> header, List<List<String>> rows) {
        List<List<String>> all = new ArrayList<>();
        all.add(header);
        rows.forEach(row -> all.add(row.stream().map(Terminal::clean).toList()));
        int[] widths = new int[header.size()];
        for (List<String> row : all) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.min(CELL_MAX, Math.max(widths[i], row.get(i).length()));
            }
        }
        for (List<String> row : all) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                boolean last = i == widths.length - 1;
                String cell = last ? row.get(i) : cut(row.get(i));
                line.append(cell).append(last ? "" : " ".repeat(widths[i] - cell.length() + 2));
            }
            out.println(line.toString().stripTrailing());
        }
    }

    /** Names and values, one a line. */
    public void facts(List<List<String>> facts) {
        int width = facts.stream().mapToInt(fact -> fact.get(0).length()).max().orElse(0);
        facts.forEach(fact ->
                out.println(fact.get(0) + " ".repeat(width - fact.get(0).length() + 2) + clean(fact.get(1))));
    }

    /** A point in time for people; empty for none. */
    public static String time(JsonNode millis) {
        return millis.isNumber() && millis.asLong() > 0 ? TIME.format(Instant.ofEpochMilli(millis.asLong())) : "";
    }

    /** An estimated difference with its interval; empty for none. */
    public static String difference(JsonNode interval) {
        return interval.isMissingNode()
                ? ""
                : String.format(
                        Locale.ROOT,
                        "%+.4f [%+.4f, %+.4f]",
                        interval.path("estimate").asDouble(),
                        interval.path("low").asDouble(),
                        interval.path("high").asDouble());
    }

    private static String cut(String cell) {
        return cell.length() <= CELL_MAX ? cell : cell.substring(0, CELL_MAX - 3) + "...";
    }

    private static String clean(String text) {
        return text.replaceAll("[\\p{Cntrl}&&[^\\n\\t]]", "?")
                .replaceAll("[\\u200b-\\u200f\\u202a-\\u202e\\u2066-\\u2069]", "?");
    }
}
