package dev.perennial.tracking;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.BlobStore;
import dev.perennial.store.Database;
import dev.perennial.store.Transaction;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Files of runs and logged models. A reader sees the old or the whole new file. What a registered version needs is frozen: its files are
 * kept by their digests, and a later change of the folder changes nothing. Thread-safe.
 */
public final class Artifacts {
    /** The root and the root of an experiment are never deleted. */
    private static final int DELETE_DEPTH_MIN = 2;

    private static final int BUFFER = 1 << 16;
    private static final String LOCAL = "file:";

    private final Database database;
    private final BlobStore blobs;
    private final ArtifactFiles own;
    private final Optional<Beside> beside;

    /** The folder of the default root, which clients on this machine write by themselves. */
    private record Beside(Path root, ArtifactFiles files) {}

    Artifacts(Database database, BlobStore blobs, ArtifactSettings settings) {
        this.database = database;
        this.blobs = blobs;
        this.own = settings.destination()
                .<ArtifactFiles>map(folder -> new FolderArtifacts(folder, blobs))
                .orElseGet(() -> new BlobArtifacts(database, blobs));
        this.beside = settings.defaultRoot()
                .flatMap(Locations::localFolder)
                .map(folder -> new Beside(folder, new FolderArtifacts(folder, blobs)));
    }

    /** Whether the files that clients send are rows and blobs, and not plain files. */
    boolean inBlobs() {
        return own instanceof BlobArtifacts;
    }

    /** Deletes what a purged run or model had as plain files. */
    void deletePurged(ArtifactPath path) {
        try {
            own.delete(path);
        } catch (PerennialException e) {
            if (e.code() != ErrorCode.NOT_FOUND) {
                throw e;
            }
        }
    }

    /** A place that this server can read. */
    public final class Place {
        private final ArtifactFiles files;
        private final ArtifactPath root;

        private Place(ArtifactFiles files, ArtifactPath root) {
            this.files = files;
            this.root = root;
        }

        /** The direct children of a directory, by name; an absent directory has none. */
        public List<ArtifactFile> list(ArtifactPath below) {
            return files.list(root.resolve(below));
        }

        public OpenArtifact open(ArtifactPath below) {
            return files.open(root.resolve(below));
        }

        /** As {@link Artifacts#freeze(ArtifactPath)}. */
        public ArtifactManifest freeze(ArtifactPath below) {
            return keep(files.freeze(root.resolve(below)));
        }
    }

    /**
     * The place of a run or a logged model.
     *
     * @param uri its artifact address
     * @return empty when this server cannot read it
     */
    public Optional<Place> place(String uri) {
        Optional<ArtifactPath> here = directory(uri);
        if (here.isPresent()) {
            return here.map(path -> new Place(own, path));
        }
        return beside.flatMap(folder -> below(folder.root(), uri).map(path -> new Place(folder.files(), path)));
    }

    private static Optional<ArtifactPath> below(Path root, String uri) {
        if (!uri.startsWith(LOCAL)) {
            return Optional.empty();
        }
        try {
            Path path = Path.of(URI.create(uri)).normalize();
            return path.startsWith(root)
                    ? Optional.of(ArtifactPath.of(root.relativize(path).toString()))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Stores a file on this server, replacing the one of that name. */
    public void put(ArtifactPath path, InputStream bytes) {
        if (path.root()) {
            throw PerennialException.invalid("path", "Invalid path");
        }
        own.put(path, bytes);
    }

    /** Gives a blob that is there already a name among the artifacts of this server, in the caller's transaction where names are rows. */
    public void link(Transaction tx, ArtifactPath path, Digest blob) {
        if (own instanceof BlobArtifacts named) {
            named.link(tx, path, blob);
        } else {
            own.put(path, blobs.open(blob));
        }
    }

    /** The direct children of a directory, by name; an absent directory has none. */
    public List<ArtifactFile> list(ArtifactPath directory) {
        return own.list(directory);
    }

    public OpenArtifact open(ArtifactPath path) {
        return own.open(path);
    }

    /** The SHA-256 of a file's stored bytes; reads all of them. */
    public Digest digest(ArtifactPath path) {
        try (OpenArtifact file = open(path)) {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
            for (long at = 0; file.read(buffer.clear(), at) > 0; at += buffer.position()) {
                sha.update(buffer.array(), 0, buffer.position());
            }
            return Digest.ofHash(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Deletes a file, or a directory with everything below it; never one that holds an experiment. */
    public void delete(ArtifactPath path) {
        if (path.segments().size() < DELETE_DEPTH_MIN || holdsExperiment(path)) {
            throw PerennialException.invalid(
                    "path",
                    "Invalid path '" + path.text() + "': the root and the root of an experiment cannot be deleted");
        }
        own.delete(path);
    }

    private boolean holdsExperiment(ArtifactPath path) {
        return database.read(
                sql -> sql.createQuery("select artifact_location from experiment").mapTo(String.class).stream()
                        .flatMap(location -> readable(location).stream())
                        .anyMatch(folder -> folder.isIn(path)));
    }

    /** As {@link #directory(String)}; places of old that no path can lead to hold nothing. */
    private static Optional<ArtifactPath> readable(String location) {
        try {
            return directory(location);
        } catch (PerennialException e) {
            return Optional.empty();
        }
    }

    /**
     * Keeps the files of a folder as they are now.
     *
     * @param root a folder, or one file; what is not there has no files
     */
    public ArtifactManifest freeze(ArtifactPath root) {
        return keep(own.freeze(root));
    }

    private ArtifactManifest keep(List<ArtifactManifest.Entry> files) {
        ArtifactManifest manifest = new ArtifactManifest(files);
        requireWhole(manifest);
        blobs.put(manifest.bytes());
        return manifest;
    }

    /** A manifest that was kept; one that is missing or damaged is an error that says so. */
    public ArtifactManifest manifest(Digest digest) {
        requireFound("the list of frozen files", digest);
        return ArtifactManifest.read(blobs.bytes(digest));
    }

    /** A frozen file, for reading only; its bytes are read and compared, and one that is missing or changed is an error that names it. */
    public Path file(ArtifactManifest manifest, String path) {
        return file(entry(manifest, path));
    }

    /** As {@link #file(ArtifactManifest, String)}, opened. */
    public OpenArtifact open(ArtifactManifest manifest, String path) {
        ArtifactManifest.Entry entry = entry(manifest, path);
        return BlobArtifacts.open(file(entry), entry.path(), entry.digest());
    }

    private static ArtifactManifest.Entry entry(ArtifactManifest manifest, String path) {
        return manifest.find(path)
                .orElseThrow(() -> PerennialException.notFound(
                        "the manifest " + manifest.digest() + " has no file '" + path + "'"));
    }

    private Path file(ArtifactManifest.Entry file) {
        requireFound("the frozen file '" + file.path() + "'", file.digest());
        return blobs.file(file.digest());
    }

    private void requireFound(String what, Digest expected) {
        Digest found = blobs.found(expected).orElseThrow(() -> damaged(what + " is missing", expected, null));
        if (!found.equals(expected)) {
            throw damaged(what + " has changed", expected, found);
        }
    }

    /** @param found null when nothing is there */
    static PerennialException damaged(String what, Digest expected, @Nullable Digest found) {
        return new PerennialException(
                ErrorCode.INVALID_STATE,
                what + ": expected sha256 " + expected + (found == null ? "" : ", found sha256 " + found)
                        + "; bring it back from a backup, or store it again");
    }

    /** Checks that every file of a manifest is there with the right bytes; the first that is not is an error that names it. */
    public void requireWhole(ArtifactManifest manifest) {
        manifest.files().forEach(this::file);
    }

    /**
     * The directory of a run's artifacts on this server.
     *
     * @return empty when they are kept elsewhere
     */
    public static Optional<ArtifactPath> directory(RunInfo run) {
        return directory(run.artifactUri());
    }

    /** As {@link #directory(RunInfo)}, by address. */
    public static Optional<ArtifactPath> directory(String uri) {
        String prefix = Locations.OWN + ":";
        if (!uri.startsWith(prefix)) {
            return Optional.empty();
        }
        String path = uri.substring(prefix.length());
        if (path.startsWith("//")) {
            int end = path.indexOf('/', 2);
            path = end < 0 ? "" : path.substring(end);
        }
        return Optional.of(ArtifactPath.of(path.startsWith("/") ? path.substring(1) : path));
    }

    static PerennialException missing(ArtifactPath path) {
        return PerennialException.notFound("No artifact file '" + path.text() + "'");
    }

    static PerennialException isFile(ArtifactPath path) {
        return PerennialException.invalid("path", "'" + path.text() + "' is a file and cannot hold others");
    }

    static PerennialException isDirectory(ArtifactPath path) {
        return PerennialException.invalid(
                "path", "'" + path.text() + "' is a directory and cannot be replaced by a file");
    }
}
