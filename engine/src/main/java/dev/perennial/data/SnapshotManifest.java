package dev.perennial.data;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * An immutable set of feature rows: what a model was trained and judged on. Its canonical JSON is stored, and the digest of those bytes is
 * the snapshot's name.
 *
 * @param format version of this form
 * @param dataset the model whose rows these are
 * @param asOf epoch milliseconds: nothing that became known later is in it
 * @param recipe digest of everything that decides about the rows of a part: sources with their contents, rules, features
 * @param sources digest of each source's file, by source
 * @param key columns that identify a row
 * @param columns of every part, in order
 * @param parts one for each ISO week of local event days, in order
 * @param days in order
 * @param profile digest of the profile of all rows
 */
public record SnapshotManifest(
        int format,
        String dataset,
        long asOf,
        String recipe,
        Map<String, String> sources,
        List<String> key,
        List<Column> columns,
        List<Part> parts,
        List<Day> days,
        String profile) {
    public static final int FORMAT = 1;

    public SnapshotManifest {
        sources = Map.copyOf(sources);
        key = List.copyOf(key);
        columns = List.copyOf(columns);
        parts = List.copyOf(parts);
        days = List.copyOf(days);
    }

    /** @param type {@code text, float, timestamp, date, label} or, for key columns, the source's type */
    public record Column(String name, String type) {}

    /**
     * One Parquet file.
     *
     * @param week for example {@code 2013-W01}
     * @param name of the file
     * @param blob its digest
     * @param finalAt epoch milliseconds after which its rows and labels cannot change any more
     * @param complete whether it is final as of the snapshot's clock
     */
    public record Part(
            String week,
            String name,
            String blob,
            long bytes,
            long rows,
            long finalAt,
            boolean complete,
            String recipe) {}

    /**
     * A local day.
     *
     * @param coverage share of the rows whose label is known
     */
    public record Day(String day, long rows, long labelled, double coverage) {
        public Day(String day, long rows, long labelled) {
            this(day, rows, labelled, rows == 0 ? 0 : (double) labelled / rows);
        }
    }

    public long rows() {
        return days.stream().mapToLong(Day::rows).sum();
    }

    public long labelled() {
        return days.stream().mapToLong(Day::labelled).sum();
    }

    /** The bytes that are stored. */
    public byte[] bytes() {
        return Json.canonical(this).getBytes(StandardCharsets.UTF_8);
    }

    /** The snapshot's name: digest of {@link #bytes()}. */
    public Digest digest() {
        return Digest.of(bytes());
    }
}
