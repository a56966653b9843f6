package dev.perennial.tracking;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.BlobStore;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Names in the database, bytes in the blob store. Equal files are kept once. */
final class BlobArtifacts implements ArtifactFiles {
    private static final int LISTED_MAX = 100_000;

    private final Database database;
    private final BlobStore blobs;

    BlobArtifacts(Database database, BlobStore blobs) {
        this.database = database;
        this.blobs = blobs;
    }

    @Override
    public void put(ArtifactPath path, InputStream bytes) {
        Digest blob = blobs.put(bytes);
        database.writing(tx -> link(tx, path, blob));
    }

    /** Names a blob that is there, in the caller's transaction. */
    void link(Transaction tx, ArtifactPath path, Digest blob) {
        for (ArtifactPath folder = path.parent(); !folder.root(); folder = folder.parent()) {
            if (put(tx, folder, null, 0) == 0) {
                break;
            }
        }
        entry(tx.sql(), path).filter(Entry::directory).ifPresent(there -> {
            throw Artifacts.isDirectory(path);
        });
        put(tx, path, blob, blobs.size(blob));
    }

    /** Returns 0 when a directory was there already. */
    private static int put(Transaction tx, ArtifactPath path, @Nullable Digest blob, long size) {
        if (blob == null
                && entry(tx.sql(), path).filter(there -> !there.directory()).isPresent()) {
            throw Artifacts.isFile(path);
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

    private record Entry(@Nullable String blob, long size) {
        boolean directory() {
            return blob == null;
        }
    }

    private static Optional<Entry> entry(Handle sql, ArtifactPath path) {
        return sql.createQuery("select blob, size from artifact where parent = :parent and name = :name")
                .bind("parent", path.parent().text())
                .bind("name", path.name())
                .map((row, context) -> new Entry(row.getString("blob"), row.getLong("size")))
                .findOne();
    }

    @Override
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

    @Override
    public OpenArtifact open(ArtifactPath path) {
        String blob = (path.root() ? Optional.<Entry>empty() : database.read(sql -> entry(sql, path)))
                .map(Entry::blob)
                .orElse(null);
        if (blob == null) {
            throw Artifacts.missing(path);
        }
        Digest digest = new Digest(blob);
        String what = "the artifact '" + path.text() + "'";
        try {
            return open(blobs.file(digest), path.text(), digest);
        } catch (PerennialException e) {
            throw blobs.found(digest)
                    .map(found -> found.equals(digest) ? e : Artifacts.damaged(what + " has changed", digest, found))
                    .orElseGet(() -> Artifacts.damaged(what + " is missing", digest, null));
        }
    }

    static OpenArtifact open(Path file, String name, Digest digest) {
        try {
            return OpenArtifact.of(file, name, digest);
        } catch (NoSuchFileException e) {
            throw Artifacts.damaged("the artifact '" + name + "' is missing", digest, null);
        }
    }

    @Override
    public void delete(ArtifactPath path) {
        database.writing(tx -> {
            int rows = tx.sql()
                    .createUpdate("delete from artifact where (parent = :parent and name = :name) or parent = :path"
                            + " or substr(parent, 1, :length) = :below")
                    .bind("parent", path.parent().text())
                    .bind("name", path.name())
                    .bind("path", path.text())
                    .bind("length", length(path) + 1)
                    .bind("below", path.text() + "/")
                    .execute();
            if (rows == 0) {
                throw PerennialException.notFound("No artifact '" + path.text() + "'");
            }
        });
    }

    /** In characters, as the database counts. */
    private static int length(ArtifactPath path) {
        return path.text().codePointCount(0, path.text().length());
    }

    /** One statement reads all names, so files that change meanwhile are all old or all new. */
    @Override
    public List<ArtifactManifest.Entry> freeze(ArtifactPath root) {
        Optional<Entry> single = root.root()
                ? Optional.empty()
                : database.read(sql -> entry(sql, root)).filter(there -> !there.directory());
        if (single.isPresent()) {
            return List.of(frozen(
                    root.name(),
                    String.valueOf(single.get().blob()),
                    single.get().size()));
        }
        int skipped = root.root() ? 0 : root.text().length() + 1;
        return database
                .read(sql -> sql.createQuery(
                                "select parent, name, blob, size from artifact where blob is not null and (parent = :root"
                                        + " or :length = 0 or substr(parent, 1, :length) = :below)")
                        .bind("root", root.text())
                        .bind("length", root.root() ? 0 : length(root) + 1)
                        .bind("below", root.text() + "/")
                        .map((row, context) -> {
                            String parent = row.getString("parent");
                            String path = (parent.isEmpty() ? "" : parent + "/") + row.getString("name");
                            return frozen(path.substring(skipped), row.getString("blob"), row.getLong("size"));
                        })
                        .list())
                .stream()
                .sorted(ArtifactManifest.BY_PATH)
                .toList();
    }

    private ArtifactManifest.Entry frozen(String path, String blob, long size) {
        return new ArtifactManifest.Entry(path, new Digest(blob), size);
    }
}
