package dev.perennial.store.backup;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.CrashPoint;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.BackupNotes;
import dev.perennial.store.PlainFolders;
import dev.perennial.store.StoreSettings;
import dev.perennial.store.UpkeepLock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes a backup of an installation, in use or at rest. Waiting segments of the prediction log are copied first, then one snapshot of the
 * database, then the blobs: a blob never changes and is there before a row names it, so whatever the snapshot names is found. Blobs that
 * an earlier backup in the same folder has are not copied again. At the end everything is read back and compared with its digest.
 */
public final class Backup {
    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH-mm-ss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final int TOLD_EVERY = 1_000;
    private static final String NO_SPACE = "No space left";

    private final StoreSettings source;
    private final Path target;
    private final InstantSource clock;
    private final Consumer<String> progress;
    private final boolean withPlainFiles;

    /**
     * @param target a new or empty folder, or one of earlier backups
     * @param progress told what goes on
     */
    public Backup(StoreSettings source, Path target, InstantSource clock, Consumer<String> progress) {
        this(source, target, clock, progress, true);
    }

    private Backup(
            StoreSettings source, Path target, InstantSource clock, Consumer<String> progress, boolean withPlainFiles) {
        this.source = source;
        this.target = target;
        this.clock = clock;
        this.progress = progress;
        this.withPlainFiles = withPlainFiles;
    }

    /** The same without the artifacts that lie as plain files outside the data directory; the manifest says so. */
    public Backup withoutPlainFiles() {
        return new Backup(source, target, clock, progress, false);
    }

    /**
     * What was done.
     *
     * @param folder of the new set
     * @param newBlobs blobs that no earlier backup had
     */
    public record Done(Path folder, BackupSet set, long newBlobs, long newBlobBytes) {}

    /** Takes one; {@code CONFLICT} when another is taken into the same folder, or while a gc deletes. */
    public Done run() {
        Path dataDir = source.dataDir();
        if (!Files.isDirectory(dataDir)) {
            throw PerennialException.notFound("there is no data directory " + dataDir + "; name one with --data-dir");
        }
        if (target.toAbsolutePath().normalize().startsWith(dataDir)) {
            throw PerennialException.invalid(
                    "dir", "the backup " + target + " would lie inside the data directory; name a folder elsewhere");
        }
        refuseInsidePlainFiles();
        try (BackupFolder folder = BackupFolder.forWriting(target);
                UpkeepLock apart = UpkeepLock.forBackup(dataDir)) {
            Done done = run(folder);
            leaveNote(done);
            return done;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** A copy of the copies would grow with each backup. */
    private void refuseInsidePlainFiles() {
        PlainFolders folders = PlainFolders.of(source.dataDir());
        PlainPlace.ALL.stream()
                .flatMap(place -> place.folder(folders, source.dataDir()).stream())
                .filter(folder -> target.toAbsolutePath().normalize().startsWith(folder))
                .findFirst()
                .ifPresent(folder -> {
                    throw PerennialException.invalid(
                            "dir",
                            "the backup " + target + " would lie among the artifacts in " + folder
                                    + "; name a folder elsewhere");
                });
    }

    private PerennialException failed(IOException e) {
        String text = String.valueOf(e.getMessage());
        if (text.contains(NO_SPACE)) {
            return new PerennialException(
                    ErrorCode.STORAGE_FULL,
                    "the disk of " + target + " is full: the backup is not complete and is no backup; make room and run"
                            + " it again, it takes over what it copied",
                    null,
                    e);
        }
        return PerennialException.internal(
                "the backup into " + target + " failed: " + e + "; it is not complete and is no backup, run it again",
                e);
    }

    /** The backup is good without it; then the ledger does not tell of it, and the caller is told. */
    private void leaveNote(Done done) {
        BackupSet set = done.set();
        ObjectNode payload = Json.object()
                .put("set", set.name())
                .put("folder", done.folder().toString())
                .put("createdAt", String.valueOf(set.createdAt()))
                .put("schema", set.schema())
                .put("blobs", String.valueOf(set.blobs()))
                .put("missing", String.valueOf(set.missing().size()));
        told(payload, "artifacts", set.artifacts());
        told(payload, "rootArtifacts", set.root());
        try {
            BackupNotes.leave(source.dataDir(), "backup:" + set.name(), payload);
        } catch (IOException e) {
            progress.accept("the ledger will not tell of this backup: no note can be left in " + source.dataDir() + " ("
                    + e + ")");
        }
    }

    private static void told(ObjectNode payload, String key, BackupSet.@Nullable PlainFiles plain) {
        if (plain != null) {
            payload.put(key, plain.included() ? String.valueOf(plain.files()) : "left out");
        }
    }

    private Done run(BackupFolder folder) throws IOException {
        Instant now = clock.instant();
        String name = freeName(folder, now);
        Path set = folder.begin(name);
        List<Path> files = new ArrayList<>(copyFiles(set));
        DatabaseCopy database = DatabaseCopies.of(source);
        progress.accept("copying the database");
        DatabaseCopy.Content content = database.write(set);
        files.addAll(content.files());
        CrashPoint.hit("backup.databaseCopied");
        BlobCopies blobs = new BlobCopies(
                new BlobFolder(source.dataDir().resolve("blobs")), new BlobFolder(folder.blobs()), progress);
        blobs.copy(content.blobs());
        progress.accept("verifying " + blobs.kept().size() + " blobs");
        blobs.verify();
        files.add(writeList(set, blobs.kept()));
        BlobFolder into = new BlobFolder(folder.blobs());
        BackupSet.@Nullable PlainFiles plain = copyPlainFiles(PlainPlace.DESTINATION, set, into, files);
        BackupSet.@Nullable PlainFiles root = copyPlainFiles(PlainPlace.ROOT, set, into, files);
        tellOfRootElsewhere();
        BackupSet manifest = new BackupSet(
                BackupSet.format(plain, root),
                name,
                now.toEpochMilli(),
                database.dialect(),
                content.schema(),
                entries(set, files),
                blobs.kept().size(),
                blobs.bytes(),
                List.copyOf(blobs.missing()),
                plain,
                root);
        return complete(folder, set, manifest, blobs);
    }

    /** Files that were acknowledged before the database was copied are there by now. */
    private BackupSet.@Nullable PlainFiles copyPlainFiles(
            PlainPlace place, Path set, BlobFolder blobs, List<Path> files) throws IOException {
        Path folder = place.folder(PlainFolders.of(source.dataDir()), source.dataDir())
                .orElse(null);
        if (folder == null) {
            return null;
        }
        if (!withPlainFiles) {
            return new BackupSet.PlainFiles(folder.toString(), false, 0, 0);
        }
        if (!Files.isDirectory(folder)) {
            progress.accept("there is no folder " + folder + ", so no artifacts of it are in the backup");
        }
        progress.accept("copying what is new of the artifacts in " + folder);
        List<PlainArtifacts.Entry> copied = PlainArtifacts.copy(folder, blobs, progress);
        progress.accept("verifying " + copied.size() + " artifacts");
        List<PlainArtifacts.Entry> entries = PlainArtifacts.verified(folder, copied, blobs);
        files.add(set.relativize(PlainArtifacts.write(set.resolve(place.list()), entries)));
        return new BackupSet.PlainFiles(
                folder.toString(),
                true,
                entries.size(),
                entries.stream().mapToLong(PlainArtifacts.Entry::size).sum());
    }

    /** A place that is no folder of this machine has copies of its own, or none. */
    private void tellOfRootElsewhere() {
        PlainFolders folders = PlainFolders.of(source.dataDir());
        if (folders.rootFolder().isEmpty()) {
            folders.defaultRoot()
                    .ifPresent(
                            root -> progress.accept("NOT IN THE BACKUP: artifacts in the default artifact root " + root
                                    + ", which the server cannot read; versions that are registered from there are. Copy"
                                    + " it by the means of that place"));
        }
    }

    private static String freeName(BackupFolder folder, Instant now) throws IOException {
        Set<String> taken = Set.copyOf(folder.sets());
        Instant at = now;
        while (taken.contains(NAME.format(at))) {
            at = at.plusSeconds(1);
        }
        return NAME.format(at);
    }

    private List<Path> copyFiles(Path set) throws IOException {
        List<Path> copied = new ArrayList<>();
        for (Path file : InstallationFiles.of(source.dataDir())) {
            Path to = set.resolve("files").resolve(file);
            Copies.folder(java.util.Objects.requireNonNull(to.getParent()));
            try {
                Copies.copy(source.dataDir().resolve(file), to);
                copied.add(set.relativize(to));
            } catch (NoSuchFileException e) {
                progress.accept(file + " was delivered or deleted meanwhile; it is not needed");
            }
        }
        return copied;
    }

    private static Path writeList(Path set, Set<Digest> blobs) throws IOException {
        StringBuilder lines = new StringBuilder();
        blobs.forEach(blob -> lines.append(blob.hex()).append('\n'));
        Path list = set.resolve(BackupSet.BLOB_LIST);
        Files.writeString(list, lines, StandardCharsets.US_ASCII);
        Copies.forceFile(list);
        return set.relativize(list);
    }

    private static List<BackupSet.Entry> entries(Path set, List<Path> files) throws IOException {
        List<BackupSet.Entry> entries = new ArrayList<>();
        for (Path file : files) {
            Path whole = set.resolve(file);
            entries.add(new BackupSet.Entry(
                    file.toString(), Files.size(whole), Digest.ofFile(whole).hex()));
        }
        return entries;
    }

    private static Done complete(BackupFolder folder, Path set, BackupSet manifest, BlobCopies blobs)
            throws IOException {
        CrashPoint.hit("backup.beforeManifest");
        Path file = set.resolve(BackupSet.FILE);
        Files.writeString(file, Json.write(manifest), StandardCharsets.UTF_8);
        Copies.forceFile(file);
        Copies.force(set);
        Path complete = folder.set(manifest.name());
        Files.move(set, complete, StandardCopyOption.ATOMIC_MOVE);
        Copies.force(java.util.Objects.requireNonNull(complete.getParent()));
        return new Done(complete, manifest, blobs.copied(), blobs.copiedBytes());
    }

    /** The blobs of one backup. */
    private static final class BlobCopies {
        private final BlobFolder from;
        private final BlobFolder to;
        private final Consumer<String> progress;
        private final Set<Digest> kept = new TreeSet<>();
        private final Set<String> missing = new TreeSet<>();
        private long bytes;
        private long copied;
        private long copiedBytes;

        BlobCopies(BlobFolder from, BlobFolder to, Consumer<String> progress) {
            this.from = from;
            this.to = to;
            this.progress = progress;
        }

        void copy(Set<String> named) throws IOException {
            Set<Digest> all = from.all();
            progress.accept("copying what is new of " + all.size() + " blobs");
            for (Digest blob : all) {
                if (to.has(blob) || take(blob)) {
                    kept.add(blob);
                }
                if (kept.size() % TOLD_EVERY == 0) {
                    progress.accept(kept.size() + " of " + all.size() + " blobs are there");
                }
            }
            named.stream().filter(blob -> !kept.contains(new Digest(blob))).forEach(missing::add);
        }

        private boolean take(Digest blob) throws IOException {
            if (!to.take(from, blob)) {
                missing.add(blob.hex());
                progress.accept("blob " + blob + " is damaged in the installation and was left out");
                return false;
            }
            copied++;
            copiedBytes += Files.size(to.file(blob));
            return true;
        }

        /** Reads every blob of the backup back; what an earlier backup has lost since is copied anew. */
        void verify() throws IOException {
            for (Digest blob : List.copyOf(kept)) {
                if (!to.intact(blob) && !take(blob)) {
                    kept.remove(blob);
                    continue;
                }
                bytes += Files.size(to.file(blob));
            }
        }

        Set<Digest> kept() {
            return kept;
        }

        Set<String> missing() {
            return missing;
        }

        long bytes() {
            return bytes;
        }

        long copied() {
            return copied;
        }

        long copiedBytes() {
            return copiedBytes;
        }
    }
}
