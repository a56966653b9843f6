package dev.perennial.lifecycle.file;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A table of rows in a file.
 *
 * @param path Parquet or CSV, absolute after parsing
 * @param csv how to read a CSV file; null for Parquet
 * @param key columns that identify a row
 * @param eventTime column with the time of the event (UTC)
 * @param sample which rows are scored and trained; windows see every row; null means all
 * @param knownAhead columns that are known long before the event (a timetable); they may be used at prediction time
 * @param knownAt by column, when its value becomes known; the key {@code *} covers every column without an entry of its own
 */
public record Source(
        String path,
        @Nullable Csv csv,
        List<String> key,
        String eventTime,
        @Nullable Sample sample,
        List<String> knownAhead,
        Map<String, KnownAt> knownAt) {

    /** All columns without an entry of their own. */
    public static final String EVERY_COLUMN = "*";

    public Source {
        key = List.copyOf(key);
        knownAhead = List.copyOf(knownAhead);
        knownAt = Map.copyOf(knownAt);
    }

    /** Keeps the rows whose CRC-32 of the UTF-8 text in {@code by} is divisible by {@code oneIn}. */
    public record Sample(String by, int oneIn) {}

    /** Known at {@code time + plusMinutes (a column of minutes, when given) + plusMillis}; null in either means never known. */
    public record KnownAt(String time, @Nullable String plusMinutes, long plusMillis) {}

    /** Explicit CSV options; nothing is guessed. {@code columns} maps each column in file order to its type. */
    public record Csv(String delimiter, String nullText, List<CsvColumn> columns) {
        public Csv {
            columns = List.copyOf(columns);
        }
    }

    /** One CSV column: {@code string, integer, number, boolean, timestamp, date}. */
    public record CsvColumn(String name, String type) {}

    /** When a column becomes known, or null when it is not declared. Columns in {@link #knownAhead} are not asked here. */
    public @Nullable KnownAt knownAtOf(String column) {
        KnownAt own = knownAt.get(column);
        return own != null ? own : knownAt.get(EVERY_COLUMN);
    }
}
