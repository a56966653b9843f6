package dev.perennial.worker.data;

import dev.perennial.data.ColumnType;
import dev.perennial.data.SourceSchema;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.lifecycle.file.Source;
import dev.perennial.worker.StepFailure;
import dev.perennial.worker.StepFailure.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A source as DuckDB sees it: where it is read from, its columns, and the SQL of what rules and features ask of a row. Times are epoch
 * milliseconds; finer precision is floored. NaN is a missing number.
 */
final class SourceTable {
    private final String name;
    private final Source source;
    private final Path file;
    private final SourceSchema schema;
    private final Map<String, String> engineTypes;

    private SourceTable(String name, Source source, Path file, Map<String, String> engineTypes) {
        this.name = name;
        this.source = source;
        this.file = file;
        this.engineTypes = engineTypes;
        Map<String, ColumnType> types = new LinkedHashMap<>();
        engineTypes.forEach((column, type) -> types.put(column, typeOf(type)));
        this.schema = new SourceSchema(types);
    }

    /** The real path of a source's file; a failure that names source and path when it cannot be read. */
    static Path realFile(String name, Source source) {
        Path path = Path.of(source.path());
        if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
            throw new StepFailure(
                    Kind.CONFIG,
                    "source '" + name + "': file " + path + " does not exist or cannot be read; correct sources." + name
                            + ".path");
        }
        try {
            if (Files.size(path) == 0) {
                throw new StepFailure(Kind.USER, "source '" + name + "': file " + path + " is empty (0 bytes)");
            }
            return path.toRealPath();
        } catch (IOException e) {
            throw new StepFailure(
                    Kind.INFRA, "source '" + name + "': file " + path + " cannot be read: " + e.getMessage());
        }
    }

    /** The real paths of all sources of a lifecycle file. */
    static List<Path> realFiles(LifecycleFile lifecycle) {
        return lifecycle.sources().entrySet().stream()
                .map(entry -> realFile(entry.getKey(), entry.getValue()))
                .distinct()
                .sorted()
                .toList();
    }

    /** Opens a source: reads its columns and checks that those which the declaration names are there. */
    static SourceTable open(DuckDb db, String name, Source source) {
        SourceTable table = described(db, name, source);
        table.checkDeclared();
        return table;
    }

    /** Reads the columns of a source, whatever the declaration says of them. */
    static SourceTable described(DuckDb db, String name, Source source) {
        Path file = realFile(name, source);
        if (source.csv() != null) {
            checkHeader(name, file, source.csv());
        }
        Map<String, String> types = new LinkedHashMap<>();
        try {
            db.list(
                    "DESCRIBE SELECT * FROM " + scan(file, source.csv()),
                    row -> types.put(row.getString(1), row.getString(2)));
        } catch (StepFailure | IllegalStateException e) {
            throw new StepFailure(
                    Kind.USER,
                    "source '" + name + "': file " + file + " is not readable as "
                            + (source.csv() == null ? "Parquet" : "CSV with the declared options") + ": "
                            + firstLine(e.getMessage()));
        }
        return new SourceTable(name, source, file, types);
    }

    private void checkDeclared() {
        source.key().forEach(column -> require(column, "key"));
        requireTime(source.eventTime(), "event-time");
        source.knownAhead().forEach(column -> require(column, "known-ahead"));
        source.knownAt().forEach((column, at) -> {
            if (!column.equals(Source.EVERY_COLUMN)) {
                require(column, "known-at");
            }
            requireTime(at.time(), "known-at");
            if (at.plusMinutes() != null) {
                requireNumber(at.plusMinutes(), "known-at");
            }
        });
        Source.Sample sample = source.sample();
        if (sample != null) {
            require(sample.by(), "sample");
        }
    }

    /** Refuses a column that the file does not have. */
    ColumnType require(String column, String where) {
        if (!schema.has(column)) {
            throw new StepFailure(
                    Kind.CONFIG,
                    "source '" + name + "': " + where + " names column '" + column + "', which file " + file
                            + " does not have; it has "
                            + String.join(", ", schema.columns().keySet()));
        }
        ColumnType type = schema.type(column);
        if (type == ColumnType.OTHER) {
            throw wrongType(column, where, "a plain type");
        }
        return type;
    }

    void requireNumber(String column, String where) {
        if (!require(column, where).numeric()) {
            throw wrongType(column, where, "a number");
        }
    }

    void requireTime(String column, String where) {
        ColumnType type = require(column, where);
        if (type != ColumnType.TIMESTAMP && type != ColumnType.DATE) {
            throw wrongType(column, where, "a timestamp");
        }
    }

    private StepFailure wrongType(String column, String where, String expected) {
        return new StepFailure(
                Kind.CONFIG,
                "source '" + name + "': " + where + " needs " + expected + " in column '" + column + "', but file "
                        + file + " holds " + engineTypes.get(column));
    }

    String name() {
        return name;
    }

    Source source() {
        return source;
    }

    Path file() {
        return file;
    }

    SourceSchema schema() {
        return schema;
    }

    /** The table expression that reads the file. */
    String scan() {
        return scan(file, source.csv());
    }

    /** A column as a feature value: text, or a number as DOUBLE with NaN as null. */
    String value(String column) {
        String quoted = Sql.name(column);
        return switch (schema.type(column)) {
            case STRING -> quoted;
            case NUMBER ->
                "CASE WHEN isnan(CAST(" + quoted + " AS DOUBLE)) THEN NULL ELSE CAST(" + quoted + " AS DOUBLE) END";
            case INTEGER, BOOLEAN -> "CAST(" + quoted + " AS DOUBLE)";
            case TIMESTAMP, DATE, OTHER -> throw wrongType(column, "features", "text or a number");
        };
    }

    /** A time column as epoch milliseconds. */
    String millis(String column) {
        String quoted = Sql.name(column);
        return schema.type(column) == ColumnType.DATE
                ? "epoch_ms(CAST(" + quoted + " AS TIMESTAMP))"
                : "epoch_ms(" + quoted + ")";
    }

    String eventMillis() {
        return millis(source.eventTime());
    }

    /** When a column's value is known, in epoch milliseconds; null for a column known ahead; a failure for one without a declaration. */
    @Nullable
    String known(String column) {
        Source.KnownAt at = source.knownAt().get(column);
        if (at == null && source.knownAhead().contains(column)) {
            return null;
        }
        at = at == null ? source.knownAtOf(column) : at;
        if (at == null) {
            throw new StepFailure(
                    Kind.CONFIG,
                    "source '" + name + "': column '" + column + "' has no known-at and is not in known-ahead, so "
                            + "it cannot be used ahead of the event; declare when its value becomes known");
        }
        String minutes = at.plusMinutes() == null
                ? ""
                : " + CAST(floor(CAST(" + Sql.name(at.plusMinutes()) + " AS DOUBLE) * 60000) AS BIGINT)";
        return "(" + millis(at.time()) + minutes + " + " + at.plusMillis() + ")";
    }

    /** Whether a column's null means "has not happened yet" rather than "reported without a value". */
    boolean knownByItself(String column) {
        return source.knownAt().containsKey(column);
    }

    /** The condition of {@code sample}; true without one. */
    String sampled() {
        Source.Sample sample = source.sample();
        return sample == null || sample.oneIn() <= 1
                ? "true"
                : DuckDb.CRC32_FUNCTION + "(CAST(" + Sql.name(sample.by()) + " AS VARCHAR)) % " + sample.oneIn()
                        + " = 0";
    }

    private static String scan(Path file, Source.@Nullable Csv csv) {
        if (csv == null) {
            return "read_parquet(" + Sql.text(file.toString()) + ")";
        }
        String columns = csv.columns().stream()
                .map(column -> Sql.text(column.name()) + ": " + Sql.text(csvType(column.type())))
                .collect(Collectors.joining(", ", "{", "}"));
        return "read_csv(" + Sql.text(file.toString())
                + ", header = true, auto_detect = false, strict_mode = true, quote = '\"', escape = '\"', " + "delim = "
                + Sql.text(csv.delimiter()) + ", nullstr = " + Sql.text(csv.nullText()) + ", columns = " + columns
                + ")";
    }

    private static String csvType(String word) {
        return switch (word) {
            case "string" -> "VARCHAR";
            case "integer" -> "BIGINT";
            case "number" -> "DOUBLE";
            case "boolean" -> "BOOLEAN";
            case "timestamp" -> "TIMESTAMPTZ";
            case "date" -> "DATE";
            default ->
                throw new StepFailure(
                        Kind.CONFIG,
                        "CSV column type '" + word
                                + "' is not one of string, integer, number, boolean, timestamp, date");
        };
    }

    private static ColumnType typeOf(String engineType) {
        String type = engineType.toUpperCase(Locale.ROOT);
        return switch (type.startsWith("DECIMAL") ? "DECIMAL" : type) {
            case "VARCHAR", "UUID" -> ColumnType.STRING;
            case "TINYINT",
                    "SMALLINT",
                    "INTEGER",
                    "BIGINT",
                    "HUGEINT",
                    "UTINYINT",
                    "USMALLINT",
                    "UINTEGER",
                    "UBIGINT" -> ColumnType.INTEGER;
            case "FLOAT", "DOUBLE", "DECIMAL" -> ColumnType.NUMBER;
            case "BOOLEAN" -> ColumnType.BOOLEAN;
            case "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS" ->
                ColumnType.TIMESTAMP;
            case "DATE" -> ColumnType.DATE;
            default -> ColumnType.OTHER;
        };
    }

    private static void checkHeader(String name, Path file, Source.Csv csv) {
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            String line = reader.readLine();
            List<String> expected =
                    csv.columns().stream().map(Source.CsvColumn::name).toList();
            List<String> header = line == null
                    ? List.of()
                    : Arrays.stream(line.replace("\uFEFF", "")
                                    .split(java.util.regex.Pattern.quote(csv.delimiter()), -1))
                            .map(text -> text.strip().replaceAll("^\"|\"$", ""))
                            .toList();
            if (!header.equals(expected)) {
                throw new StepFailure(
                        Kind.USER,
                        "source '" + name + "': the header of file " + file + " reads " + header
                                + ", declared are the columns " + expected + " with delimiter '" + csv.delimiter()
                                + "'");
            }
        } catch (IOException e) {
            throw new StepFailure(
                    Kind.USER, "source '" + name + "': file " + file + " is not UTF-8 text: " + e.getMessage());
        }
    }

    private static String firstLine(@Nullable String message) {
        return message == null ? "" : message.lines().findFirst().orElse("");
    }
}
