package dev.perennial.store;

import dev.perennial.kernel.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import org.jdbi.v3.core.Handle;

/**
 * Deletes blobs that nothing names. Named is a blob whose digest stands anywhere in a text or byte column of the database: in its own
 * column, in a JSON body, in the payload of a ledger entry; and then whatever a named JSON blob (a manifest) names. Tables of later
 * releases are seen without being told of. Too much may be kept, never too little. Cost: one pass over the database without the points of
 * curves, and one look into each small named blob; 16 bytes of memory a blob.
 */
public final class BlobSweep {
    /** Columns of numbers only, and large. */
    private static final Set<String> NEVER_NAMING = Set.of(
            "run_metric", "run_metric_latest", "run_metric_rank", "run_metric_unranked", "flyway_schema_history");

    private static final int DIGITS = 64;
    private static final long MANIFEST_BYTES_MAX = 8L << 20;
    private static final int PIECE_BYTES = 1 << 20;
    private static final String LIST_OF_FILES = "{\"files\":[{\"digest\":\"";
    private static final int FETCH_ROWS = 1_000;

    private final Database database;
    private final FileBlobStore blobs;

    BlobSweep(Database database, FileBlobStore blobs) {
        this.database = database;
        this.blobs = blobs;
    }

    /** Blobs and their size together. */
    public record Swept(long blobs, long bytes) {}

    /** What would be deleted: what nothing names and nobody put since a time. */
    public Swept look(Instant putBefore, BiPredicate<String, String> gone) {
        return sweep(putBefore, gone, true, () -> true);
    }

    /**
     * Deletes it. Who puts a blob and names it later than {@code putBefore} is safe; so is who puts it while this runs.
     *
     * @param goOn asked before each deletion
     */
    public Swept delete(Instant putBefore, BooleanSupplier goOn) {
        return sweep(putBefore, (parent, blob) -> false, false, goOn);
    }

    private Swept sweep(Instant putBefore, BiPredicate<String, String> gone, boolean onlyLook, BooleanSupplier goOn) {
        BlobMarks marks = BlobMarks.of(blobs, putBefore);
        mark(marks, gone);
        long count = 0;
        long bytes = 0;
        for (Digest blob : marks.unnamed()) {
            if (!goOn.getAsBoolean()) {
                break;
            }
            OptionalLong size = onlyLook ? size(blob) : blobs.discard(blob, putBefore);
            if (size.isPresent()) {
                count++;
                bytes += size.getAsLong();
            }
        }
        return new Swept(count, bytes);
    }

    private OptionalLong size(Digest blob) {
        return blobs.has(blob) ? OptionalLong.of(blobs.size(blob)) : OptionalLong.empty();
    }

    /** @param gone rows of the table of artifacts, by folder and blob, to be treated as deleted */
    private void mark(BlobMarks marks, BiPredicate<String, String> gone) {
        Deque<Digest> manifests = new ArrayDeque<>(marks.young()); // one that is about to be named names others already
        database.read(sql -> {
            for (Column column : columns(sql)) {
                read(sql, column, marks, manifests, gone);
            }
            return Boolean.TRUE;
        });
        while (!manifests.isEmpty()) {
            look(manifests.removeLast(), marks, manifests);
        }
    }

    private record Column(String table, String name) {}

    private List<Column> columns(Handle sql) {
        String query = database.dialect() == Database.Dialect.SQLITE
                ? "select m.name, c.name from sqlite_schema m join pragma_table_info(m.name) c"
                        + " where m.type = 'table' and lower(c.type) in ('text', 'blob')"
                : "select table_name, column_name from information_schema.columns"
                        + " where table_schema = current_schema() and data_type in ('text', 'bytea')";
        List<Column> found = sql.createQuery(query)
                .map((row, context) -> new Column(row.getString(1), row.getString(2)))
                .list();
        return found.stream()
                .filter(column -> !NEVER_NAMING.contains(column.table()))
                .toList();
    }

    private void read(
            Handle sql, Column column, BlobMarks marks, Deque<Digest> manifests, BiPredicate<String, String> gone) {
        boolean artifacts = column.table().equals("artifact") && column.name().equals("blob");
        String quoted = "\"" + column.name() + "\"";
        sql.createQuery("select " + quoted + (artifacts ? ", parent" : ", ''") + " from \"" + column.table()
                        + "\" where length(" + quoted + ") >= " + DIGITS)
                .setFetchSize(FETCH_ROWS)
                .map((row, context) -> {
                    byte[] value = row.getBytes(1);
                    String text = new String(value, StandardCharsets.ISO_8859_1);
                    return artifacts && gone.test(row.getString(2), text) ? "" : text;
                })
                .forEach(text -> name(text, marks, manifests));
    }

    private static void name(String text, BlobMarks marks, Deque<Digest> manifests) {
        for (Digest digest : digests(text)) {
            if (marks.name(digest)) {
                manifests.add(digest);
            }
        }
    }

    /** Every run of exactly 64 lower-case hexadecimal digits. */
    static List<Digest> digests(String text) {
        List<Digest> found = new ArrayList<>();
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i < text.length() && hex(text.charAt(i))) {
                continue;
            }
            if (i - start == DIGITS) {
                found.add(new Digest(text.substring(start, i)));
            }
            start = i + 1;
        }
        return found;
    }

    private static boolean hex(char c) {
        return c >= '0' && c <= '9' || c >= 'a' && c <= 'f';
    }

    /** Looks into a blob that may be a manifest, a piece at a time: that of a version may be as large as its many files make it. */
    private void look(Digest blob, BlobMarks marks, Deque<Digest> manifests) {
        if (!blobs.has(blob)) {
            return;
        }
        try (InputStream bytes = blobs.open(blob)) {
            byte[] piece = bytes.readNBytes(PIECE_BYTES);
            boolean json = piece.length > 0 && (piece[0] == '{' || piece[0] == '[');
            if (!json || blobs.size(blob) > MANIFEST_BYTES_MAX && !listsFiles(piece)) {
                return;
            }
            String rest = "";
            while (piece.length > 0) {
                String text = rest + new String(piece, StandardCharsets.ISO_8859_1);
                piece = bytes.readNBytes(PIECE_BYTES);
                int end = piece.length == 0 ? text.length() : lastBreak(text);
                name(text.substring(0, end), marks, manifests);
                rest = text.substring(end);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read blob " + blob, e);
        }
    }

    /** A manifest of a version, which is canonical JSON and so begins alike. */
    private static boolean listsFiles(byte[] start) {
        return new String(start, 0, Math.min(start.length, LIST_OF_FILES.length()), StandardCharsets.ISO_8859_1)
                .equals(LIST_OF_FILES);
    }

    /** Where a text can be cut without cutting a digest; its end when it is digits alone. */
    private static int lastBreak(String text) {
        int at = text.length();
        while (at > 0 && hex(text.charAt(at - 1))) {
            at--;
        }
        return at == 0 ? text.length() : at;
    }
}
