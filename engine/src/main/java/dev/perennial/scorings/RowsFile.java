package dev.perennial.scorings;

import dev.perennial.kernel.PerennialException;
import java.util.List;
import java.util.Locale;

/**
 * The form of a file of rows.
 *
 * @param gzip whether its text is packed; never for Parquet
 */
public record RowsFile(Kind kind, boolean gzip) {
    private static final String GZIP = ".gz";

    /** What people may write. */
    private static final List<String> NAMES = List.of("csv", "csv.gz", "tsv", "tsv.gz", "jsonl", "jsonl.gz", "parquet");

    /** Kinds of files. */
    public enum Kind {
        CSV,
        TSV,
        JSONL,
        PARQUET
    }

    public RowsFile {
        if (gzip && kind == Kind.PARQUET) {
            throw PerennialException.invalid("format", "Parquet packs by itself; there is no parquet.gz");
        }
    }

    /**
     * The form of that name, as {@code csv} or {@code jsonl.gz}.
     *
     * @throws PerennialException for any other
     */
    public static RowsFile parse(String field, String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (!NAMES.contains(lower)) {
            throw PerennialException.invalid(
                    field, "format '" + name + "' is not known; there are " + String.join(", ", NAMES));
        }
        boolean gzip = lower.endsWith(GZIP);
        String kind = gzip ? lower.substring(0, lower.length() - GZIP.length()) : lower;
        return new RowsFile(Kind.valueOf(kind.toUpperCase(Locale.ROOT)), gzip);
    }

    /**
     * The form that a file's name tells.
     *
     * @throws PerennialException when it tells none
     */
    public static RowsFile ofName(String file) {
        String lower = file.toLowerCase(Locale.ROOT);
        boolean gzip = lower.endsWith(GZIP);
        String plain = gzip ? lower.substring(0, lower.length() - GZIP.length()) : lower;
        for (Extension each : EXTENSIONS) {
            if (plain.endsWith(each.text())) {
                return new RowsFile(each.kind(), gzip);
            }
        }
        throw PerennialException.invalid(
                "input",
                "the name '" + file + "' does not tell what the file is; it must end in .csv, .tsv, .jsonl, .ndjson or"
                        + " .parquet (.gz after it but for Parquet)");
    }

    private record Extension(String text, Kind kind) {}

    private static final List<Extension> EXTENSIONS = List.of(
            new Extension(".csv", Kind.CSV),
            new Extension(".tsv", Kind.TSV),
            new Extension(".tab", Kind.TSV),
            new Extension(".jsonl", Kind.JSONL),
            new Extension(".ndjson", Kind.JSONL),
            new Extension(".parquet", Kind.PARQUET));

    /** A file's name without what tells its form. */
    public static String stem(String file) {
        String plain =
                file.toLowerCase(Locale.ROOT).endsWith(GZIP) ? file.substring(0, file.length() - GZIP.length()) : file;
        for (Extension each : EXTENSIONS) {
            if (plain.toLowerCase(Locale.ROOT).endsWith(each.text())) {
                return plain.substring(0, plain.length() - each.text().length());
            }
        }
        return plain;
    }

    /** Between the fields of a line; a comma for kinds that have none. */
    public char separator() {
        return kind == Kind.TSV ? '\t' : ',';
    }

    /** Whether a file of this form can be turned into one of another. */
    public boolean becomes(RowsFile other) {
        return kind != Kind.JSONL || other.kind == Kind.JSONL;
    }

    /** As {@link #parse} takes it, and as the end of a file's name. */
    @Override
    public String toString() {
        return kind.name().toLowerCase(Locale.ROOT) + (gzip ? GZIP : "");
    }
}
