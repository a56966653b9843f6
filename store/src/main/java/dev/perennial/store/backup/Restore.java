package dev.perennial.store.backup;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.DataDirectory;
import dev.perennial.store.StoreSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes a data directory out of a backup. Everything is read and compared with its digest before the first byte is written, and hashed
 * again while it is written. Until the end the new directory holds a mark with which no server starts on it.
 */
public final class Restore {
    private final Path backups;
    private final Optional<String> wanted;
    private final StoreSettings target;
    private final Consumer<String> progress;
    private final Map<PlainPlace, Path> plainTargets;

    /**
     * @param backups the folder that {@link Backup} wrote
     * @param wanted name of a set; empty for the newest
     * @param target a new or empty data directory, and for PostgreSQL the address of an empty database
     */
    public Restore(Path backups, Optional<String> wanted, StoreSettings target, Consumer<String> progress) {
        this(backups, wanted, target, progress, Map.of());
    }

    private Restore(
            Path backups,
            Optional<String> wanted,
            StoreSettings target,
            Consumer<String> progress,
            Map<PlainPlace, Path> plainTargets) {
        this.backups = backups;
        this.wanted = wanted;
        this.target = target;
        this.progress = progress;
        this.plainTargets = plainTargets;
    }

    /** The same, with a new or empty folder for the artifacts that the server kept as plain files. */
    public Restore plainFilesInto(Path folder) {
        return into(PlainPlace.DESTINATION, folder);
    }

    /** The same, with a new or empty folder for the artifacts that clients wrote into the default artifact root. */
    public Restore rootInto(Path folder) {
        return into(PlainPlace.ROOT, folder);
    }

    private Restore into(PlainPlace place, Path folder) {
        Map<PlainPlace, Path> targets = new EnumMap<>(PlainPlace.class);
        targets.putAll(plainTargets);
        targets.put(place, folder.toAbsolutePath().normalize());
        return new Restore(backups, wanted, target, progress, targets);
    }

    /** Restores; {@code INVALID_STATE} names the damaged file, {@code CONFLICT} a data directory that is not empty. */
    public BackupSet run() {
        try (BackupFolder folder = BackupFolder.forReading(backups)) {
            Path set = folder.chosen(wanted);
            BackupSet manifest = BackupSet.read(set);
            DatabaseRestore database = DatabaseRestore.of(manifest, target);
            refuseUsed(target.dataDir());
            database.refuseUsed();
            Map<PlainPlace, Path> plain = plainTargets(manifest);
            BlobFolder from = new BlobFolder(folder.blobs());
            List<Digest> blobs = verify(set, manifest, from);
            Map<PlainPlace, List<PlainArtifacts.Entry>> files = new EnumMap<>(PlainPlace.class);
            for (PlainPlace place : plain.keySet()) {
                files.put(place, verifyPlain(set.resolve(place.list()), set, from));
            }
            write(set, manifest, from, blobs, database, () -> {
                for (Map.Entry<PlainPlace, List<PlainArtifacts.Entry>> place : files.entrySet()) {
                    Path to = Objects.requireNonNull(plain.get(place.getKey()));
                    progress.accept("writing " + place.getValue().size() + " artifacts into " + to);
                    PlainArtifacts.restore(place.getValue(), from, to);
                }
            });
            tellOfRootElsewhere(manifest, plain);
            return manifest;
        } catch (IOException e) {
            throw PerennialException.internal(
                    "the backup in " + backups + " cannot be restored into " + target.dataDir() + ": " + e, e);
        }
    }

    /** A step that writes files. */
    private interface Step {
        void run() throws IOException;
    }

    /** The addresses of runs, models and versions are in the database and stay as they were. */
    private void tellOfRootElsewhere(BackupSet manifest, Map<PlainPlace, Path> plain) {
        BackupSet.PlainFiles root = manifest.root();
        Path to = plain.get(PlainPlace.ROOT);
        if (root != null && to != null && !to.equals(Path.of(root.folder()))) {
            progress.accept("runs name their files below " + root.folder() + ": let that name lead to " + to
                    + ", by a link or a mount, before clients ask for them");
        }
    }

    private Map<PlainPlace, Path> plainTargets(BackupSet manifest) throws IOException {
        Map<PlainPlace, Path> targets = new EnumMap<>(PlainPlace.class);
        for (PlainPlace place : PlainPlace.ALL) {
            BackupSet.PlainFiles plain = manifest.of(place);
            Path folder = plainTargets.get(place);
            if (plain != null && plain.included()) {
                targets.put(place, checked(place, manifest, plain, folder));
            } else if (folder != null) {
                throw PerennialException.invalid(
                        place.option(),
                        "the backup " + manifest.name() + " holds no " + place.kind() + " of artifacts; leave --"
                                + place.option() + " out");
            }
        }
        refuseNested(targets);
        return targets;
    }

    private Path checked(PlainPlace place, BackupSet manifest, BackupSet.PlainFiles plain, @Nullable Path folder)
            throws IOException {
        if (folder == null) {
            throw PerennialException.invalid(
                    place.option(),
                    "the backup " + manifest.name() + " holds " + plain.files() + " artifacts that were " + place.kind()
                            + " in " + plain.folder() + "; name a new or empty folder for them with --"
                            + place.option());
        }
        if (folder.startsWith(target.dataDir()) || target.dataDir().startsWith(folder)) {
            throw PerennialException.invalid(
                    place.option(),
                    "artifacts cannot go into " + folder + ", because the data directory is " + target.dataDir()
                            + "; name a folder beside it");
        }
        PlainArtifacts.refuseUsed(folder);
        return folder;
    }

    /** Each folder is emptied before it is written. */
    private static void refuseNested(Map<PlainPlace, Path> targets) {
        Path destination = targets.get(PlainPlace.DESTINATION);
        Path root = targets.get(PlainPlace.ROOT);
        if (destination != null && root != null && (destination.startsWith(root) || root.startsWith(destination))) {
            throw PerennialException.invalid(
                    PlainPlace.ROOT.option(),
                    "artifacts cannot go into " + root + ", because others go into " + destination
                            + "; name a folder beside it");
        }
    }

    private static List<PlainArtifacts.Entry> verifyPlain(Path list, Path set, BlobFolder blobs) throws IOException {
        List<PlainArtifacts.Entry> entries = PlainArtifacts.read(list);
        for (PlainArtifacts.Entry entry : entries) {
            if (!blobs.intact(entry.digest())) {
                throw damaged(
                        set, blobs.file(entry.digest()), "artifact " + entry.path() + " is missing or has other bytes");
            }
        }
        return entries;
    }

    private static void refuseUsed(Path dataDir) throws IOException {
        if (Files.exists(dataDir)
                && !Files.isRegularFile(DataDirectory.restoreMark(dataDir))
                && (!Files.isDirectory(dataDir) || !BackupFolder.isEmpty(dataDir))) {
            throw PerennialException.conflict(
                    dataDir + " is not empty; restore into a new folder, so that nothing is overwritten");
        }
    }

    private List<Digest> verify(Path set, BackupSet manifest, BlobFolder blobs) throws IOException {
        progress.accept("verifying " + manifest.files().size() + " files and " + manifest.blobs() + " blobs");
        for (BackupSet.Entry entry : manifest.files()) {
            Path file = set.resolve(entry.path());
            if (!Files.isRegularFile(file)) {
                throw damaged(set, file, "it is missing");
            }
            String found = Digest.ofFile(file).hex();
            if (!found.equals(entry.digest())) {
                throw damaged(set, file, "its digest is " + found + " where " + entry.digest() + " was written");
            }
        }
        List<Digest> listed = new ArrayList<>();
        for (String line : Files.readAllLines(set.resolve(BackupSet.BLOB_LIST), StandardCharsets.US_ASCII)) {
            Digest blob = new Digest(line);
            if (!blobs.has(blob)) {
                throw damaged(set, blobs.file(blob), "it is missing");
            }
            if (!blobs.intact(blob)) {
                throw damaged(set, blobs.file(blob), "its bytes have another digest");
            }
            listed.add(blob);
        }
        return listed;
    }

    private static PerennialException damaged(Path set, Path file, String how) {
        return PerennialException.state("the backup " + set + " is damaged: " + file + ": " + how
                + "; nothing was restored, name another set with --set");
    }

    private void write(
            Path set, BackupSet manifest, BlobFolder from, List<Digest> blobs, DatabaseRestore database, Step plain)
            throws IOException {
        Path dataDir = target.dataDir();
        Copies.folder(dataDir);
        Path mark = DataDirectory.restoreMark(dataDir);
        Files.writeString(mark, manifest.name(), StandardCharsets.US_ASCII);
        for (Path left : leftByAnInterruptedRestore(dataDir, mark)) {
            BackupFolder.remove(left);
        }
        progress.accept("writing " + dataDir);
        BlobFolder to = new BlobFolder(dataDir.resolve("blobs"));
        Copies.folder(to.root());
        for (Digest blob : blobs) {
            if (!to.take(from, blob)) {
                throw damaged(set, from.file(blob), "its bytes changed while they were copied");
            }
        }
        Path files = set.resolve("files");
        for (BackupSet.Entry entry : manifest.files()) {
            Path file = set.resolve(entry.path());
            if (file.startsWith(files)) {
                copy(set, entry, dataDir.resolve(files.relativize(file)));
            }
        }
        plain.run();
        progress.accept("restoring the database");
        database.write(set, manifest);
        note(dataDir, manifest);
        Copies.force(dataDir);
        Files.delete(mark);
        Copies.force(dataDir);
    }

    private static List<Path> leftByAnInterruptedRestore(Path dataDir, Path mark) throws IOException {
        try (var files = Files.list(dataDir)) {
            return files.filter(file -> !file.equals(mark)).toList();
        }
    }

    static void copy(Path set, BackupSet.Entry entry, Path to) throws IOException {
        Copies.folder(Objects.requireNonNull(to.getParent()));
        if (!Copies.copy(set.resolve(entry.path()), to).hex().equals(entry.digest())) {
            throw damaged(set, set.resolve(entry.path()), "it changed while it was copied");
        }
    }

    /** The first server on the directory tells the ledger that it was restored. */
    private static void note(Path dataDir, BackupSet manifest) throws IOException {
        Path file = DataDirectory.restoredNote(dataDir);
        Files.writeString(
                file,
                Json.write(Json.object().put("set", manifest.name()).put("createdAt", manifest.createdAt())),
                StandardCharsets.UTF_8);
        Copies.forceFile(file);
    }
}
