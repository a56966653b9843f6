package dev.perennial.tracking;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.BlobStore;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Files that runs logged: names here, bytes in the blob store. A reader sees the old or the whole new file. Thread-safe.
 */
public final class Artifacts {
    private static final int LISTED_MAX = 100_000;

    /** The root and the root of an experiment are never deleted. */
    private static final int DELETE_DEPTH_MIN = 2;

    private final Database database;
    private final BlobStore blobs;

    Artifacts(Database database, BlobStore blobs) {
        this.database = database;
        this.blobs = blobs;
    }

    /** Stores a file, replacing the one of that name. */
    public void put(ArtifactPath path, InputStream bytes) {
        if (path.root()) {
            throw PerennialException.invalid("path", "Invalid path");
        }
        Digest blob = blobs.put(bytes);
        long size = blobs.size(blob);
        database.writing(tx -> {
            for (ArtifactPath folder = path.parent(); !folder.root(); folder = folder.parent()) {
                if (put(tx, folder, null, 0) == 0) {
                    break;
                }
            }
            entry(tx.sql(), path).filter(Entry::directory).ifPresent(there -> {
                throw PerennialException.invalid(
                        "path", "'" + path.text() + "' is a directory and cannot be replaced by a file");
            });
            put(tx, path, blob, size);
        });
    }

    /** Returns 0 when a directory was there already. */
    private static int put(Transaction tx, ArtifactPath path, @Nullable Digest blob, long size) {
        if (blob == null
                && entry(tx.sql(), path).filter(there -> !there.directory()).isPresent()) {
            throw PerennialException.invalid("path", "'" + path.text() + "' is a file and cannot hold others");
        }
        return tx.sql()
                .createUpdate(
                        "insert into artifact (parent, name, blob, size) values (:parent, :name, :blob, :size)"
                                + (blob == null
                                        ? " on conflict do nothing"
                                        : " on conflict (parent, name) do update set blob = excluded.blob, size = excluded.size"))
                .bind("parent", path.parent().text())
                .bind("name", path.name())
                .bind("blob", blob == null ? null : blob.hex())
                .bind("size", blob == null ? null : Long.valueOf(size))
                .execute();
    }

    private record Entry(@Nullable String blob) {
        boolean directory() {
            return blob == null;
        }
    }

    private static Optional<Entry> entry(Handle sql, ArtifactPath path) {
        return sql.createQuery("select blob from artifact where parent = :parent and name = :name")
                .bind("parent", path.parent().text())
                .bind("name", path.name())
                .map((row, context) -> new Entry(row.getString("blob")))
                .findOne();
    }

    /** The direct children of a directory, by name; an absent directory has none. */
    public List<ArtifactFile> list(ArtifactPath directory) {
        return database.read(sql -> sql.createQuery(
                        "select name, size from artifact where parent = :parent order by name limit " + LISTED_MAX)
                .bind("parent", directory.text())
                .map((row, context) -> {
                    long size = row.getLong("size");
                    boolean folder = row.wasNull();
                    return new ArtifactFile(row.getString("name"), folder ? null : size);
                })
                .list());
    }

    /** The local copy of a file, for reading only. */
    public Path file(ArtifactPath path) {
        return blobs.file(digest(path));
    }

    /** The content of a file, as it is stored. */
    public Digest digest(ArtifactPath path) {
        String blob = (path.root() ? Optional.<Entry>empty() : database.read(sql -> entry(sql, path)))
                .map(Entry::blob)
                .orElse(null);
        if (blob == null) {
            throw PerennialException.notFound("No artifact file '" + path.text() + "'");
        }
        return new Digest(blob);
    }

    /** Deletes a file, or a directory with everything below it. */
    public void delete(ArtifactPath path) {
        if (path.segments().size() < DELETE_DEPTH_MIN) {
            throw PerennialException.invalid(
                    "path",
                    "Invalid path '" + path.text() + "': the root and the root of an experiment cannot be deleted");
        }
        database.writing(tx -> {
            int rows = tx.sql()
                    .createUpdate("delete from artifact where (parent = :parent and name = :name) or parent = :path"
                            + " or substr(parent, 1, :length) = :below")
                    .bind("parent", path.parent().text())
                    .bind("name", path.name())
                    .bind("path", path.text())
                    .bind("length", path.text().codePointCount(0, path.text().length()) + 1)
                    .bind("below", path.text() + "/")
                    .execute();
            if (rows == 0) {
                throw PerennialException.notFound("No artifact '" + path.text() + "'");
            }
        });
    }

    /**
     * The directory of a run's artifacts on this server.
     *
     * @return empty when they are kept elsewhere
     */
    public static Optional<ArtifactPath> directory(RunInfo run) {
        String prefix = Locations.OWN + ":";
        if (!run.artifactUri().startsWith(prefix)) {
            return Optional.empty();
        }
        String path = run.artifactUri().substring(prefix.length());
        if (path.startsWith("//")) {
            int end = path.indexOf('/', 2);
            path = end < 0 ? "" : path.substring(end);
        }
        return Optional.of(ArtifactPath.of(path.startsWith("/") ? path.substring(1) : path));
    }
}
