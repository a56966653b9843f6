package dev.perennial.lifecycle.file;

import dev.perennial.lifecycle.file.Source.Csv;
import dev.perennial.lifecycle.file.Source.CsvColumn;
import dev.perennial.lifecycle.file.Source.KnownAt;
import dev.perennial.lifecycle.file.Source.Sample;
import dev.perennial.lifecycle.file.Value.Named;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the sources: where rows are, what identifies them, and when each column becomes known. */
final class Sources {
    static final List<String> COLUMN_TYPES = List.of("string", "integer", "number", "boolean", "timestamp", "date");
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_-]{0,62}");
    private static final long KNOWN_OFFSET_MAX_MILLIS = 3660 * Quantity.MILLIS_PER_DAY;

    private final Problems problems;
    private final Path baseFolder;
    private final List<ColumnReference> references;
    private final List<SourceReference> files = new ArrayList<>();

    Sources(Problems problems, Path baseFolder, List<ColumnReference> references) {
        this.problems = problems;
        this.baseFolder = baseFolder;
        this.references = references;
    }

    /** Where each source names its file; after {@link #read}. */
    List<SourceReference> files() {
        return files;
    }

    Map<String, Source> read(Value value) {
        Map<String, Source> sources = new LinkedHashMap<>();
        Section section = value.section(null);
        for (Section.Entry entry : section.entries()) {
            if (!NAME.matcher(entry.name()).matches()) {
                problems.add(
                        entry.value().keyPlace(),
                        "source name '" + entry.name() + "' is not a-z, then a-z, 0-9, '-', '_'",
                        "choose a short lower-case name, for example flights");
                continue;
            }
            sources.put(entry.name(), source(entry.name(), entry.value().section(Keys.SOURCE)));
        }
        if (section.present() && sources.isEmpty() && problems.isEmpty()) {
            problems.add(section.place(), "no source is declared", "add " + Keys.ROOT.example("sources"));
        }
        return sources;
    }

    private Source source(String name, Section section) {
        Value pathValue = section.need("path");
        Place place = pathValue.place();
        files.add(new SourceReference(name, place.line(), place.column(), place.field()));
        String path = path(pathValue);
        Csv csv = csv(section.get("csv"));
        boolean csvPath = path.toLowerCase(Locale.ROOT).endsWith(".csv");
        if (csvPath && !section.has("csv")) {
            pathValue.wrong("a CSV file needs its options, nothing is guessed", "add " + Keys.SOURCE.example("csv"));
        } else if (!path.isEmpty() && !csvPath && section.has("csv")) {
            section.get("csv")
                    .wrong("'csv' is given, but the path does not end in .csv", "remove it, or name a .csv file");
        }
        List<String> key = columns(name, section.need("key").nameOrNames());
        if (section.get("key").isList() && section.get("key").items().isEmpty()) {
            section.get("key")
                    .wrong(
                            "the key names no column",
                            "name the columns that identify a row, for example key: [flight_id]");
        }
        String eventTime = column(name, section.need("event-time"), ColumnNeed.TIME);
        Sample sample = sample(name, section.get("sample"));
        List<Named> ahead = section.get("known-ahead").names();
        Map<String, KnownAt> knownAt = knownAt(name, section.get("known-at"));
        for (Named column : ahead) {
            if (knownAt.containsKey(column.name())) {
                problems.add(
                        column.place(),
                        "'" + column.name() + "' stands in known-ahead and in known-at",
                        "keep it in known-ahead only if it never changes after the prediction");
            }
        }
        return new Source(path, csv, key, eventTime, sample, columns(name, ahead), knownAt);
    }

    private String path(Value value) {
        String text = value.text("");
        if (text.isEmpty()) {
            return "";
        }
        String lower = text.toLowerCase(Locale.ROOT);
        if (!lower.endsWith(".parquet") && !lower.endsWith(".csv")) {
            value.wrong("'" + text + "' is neither a .parquet nor a .csv file", "name one file of either kind");
            return "";
        }
        if (text.contains("*") || text.contains("?") || text.contains("://")) {
            value.wrong(
                    "'" + text + "' is no path of one local file",
                    "patterns and addresses are not supported; name one file");
            return "";
        }
        try {
            return baseFolder.toAbsolutePath().resolve(text).normalize().toString();
        } catch (InvalidPathException e) {
            value.wrong("'" + text + "' is no path: " + e.getReason(), "name one file");
            return "";
        }
    }

    private @Nullable Csv csv(Value value) {
        Section section = value.section(Keys.CSV);
        if (!section.present()) {
            return null;
        }
        Value delimiterValue = section.need("delimiter");
        String delimiter = delimiterValue.raw(",");
        if (delimiter.length() != 1) {
            delimiterValue.wrong(
                    "the delimiter '" + delimiter + "' is not one character", "write it like delimiter: \",\"");
        }
        String nullText = section.need("null").raw("");
        List<CsvColumn> columns = new ArrayList<>();
        for (Section.Entry entry : section.need("columns").section(null).entries()) {
            columns.add(new CsvColumn(entry.name(), entry.value().choice(COLUMN_TYPES, "string")));
        }
        return new Csv(delimiter, nullText, columns);
    }

    private @Nullable Sample sample(String source, Value value) {
        Section section = value.section(Keys.SAMPLE);
        if (!section.present()) {
            return null;
        }
        String by = column(source, section.need("by"), ColumnNeed.PLAIN);
        return new Sample(by, (int) section.need("one-in").integer(1, 1_000_000, 1));
    }

    private Map<String, KnownAt> knownAt(String source, Value value) {
        Map<String, KnownAt> known = new LinkedHashMap<>();
        if (value.isScalar()) {
            known.put(Source.EVERY_COLUMN, new KnownAt(column(source, value, ColumnNeed.TIME), null, 0));
            return known;
        }
        for (Section.Entry entry : value.section(null).entries()) {
            if (!entry.name().equals(Source.EVERY_COLUMN)) {
                reference(source, new Named(entry.name(), entry.value().keyPlace()), ColumnNeed.PLAIN);
            }
            known.put(entry.name(), oneKnownAt(source, entry.value()));
        }
        return known;
    }

    private KnownAt oneKnownAt(String source, Value value) {
        if (value.isScalar()) {
            return new KnownAt(column(source, value, ColumnNeed.TIME), null, 0);
        }
        Section section = value.section(Keys.KNOWN_AT);
        String time = column(source, section.need("time"), ColumnNeed.TIME);
        String plusMinutes =
                section.has("plus-minutes") ? column(source, section.get("plus-minutes"), ColumnNeed.NUMBER) : null;
        long plus = section.get("plus").millis(-KNOWN_OFFSET_MAX_MILLIS, KNOWN_OFFSET_MAX_MILLIS, 0);
        long minus = section.get("minus").millis(0, KNOWN_OFFSET_MAX_MILLIS, 0);
        if (section.has("plus") && section.has("minus")) {
            section.get("minus").wrong("both 'plus' and 'minus' are given", "keep one of them");
        }
        return new KnownAt(time, plusMinutes, plus - minus);
    }

    private String column(String source, Value value, ColumnNeed need) {
        String name = value.name();
        if (!name.isEmpty()) {
            reference(source, new Named(name, value.place()), need);
        }
        return name;
    }

    private List<String> columns(String source, List<Named> names) {
        names.forEach(name -> reference(source, name, ColumnNeed.PLAIN));
        return names.stream().map(Named::name).toList();
    }

    private void reference(String source, Named name, ColumnNeed need) {
        references.add(ColumnReference.at(name.place(), source, name.name(), need));
    }
}
