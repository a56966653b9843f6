package dev.perennial.store.backup;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The artifacts that lie as plain files in a folder of their own. In a backup each is a blob, which sets share, and the set has a list of
 * their paths. Links are not followed and not copied, as the server does not serve them.
 */
final class PlainArtifacts {
    /** What the server has not finished; it makes the folder anew. */
    private static final String UNFINISHED = ".perennial-unfinished";

    /** There while files are being restored into a folder. */
    private static final String MARK = ".perennial-restore-unfinished";

    private PlainArtifacts() {}

    /** A file below the folder. */
    record Entry(String path, long size, Digest digest) {}

    /** Copies every file that is there now and not yet among the blobs; one that vanishes meanwhile is passed over. */
    static List<Entry> copy(Path root, BlobFolder to, Consumer<String> progress) throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (Path file : files(root)) {
            try {
                Digest digest = to.add(file);
                entries.add(new Entry(root.relativize(file).toString(), Files.size(to.file(digest)), digest));
            } catch (NoSuchFileException e) {
                progress.accept("artifact " + root.relativize(file) + " was deleted meanwhile");
            }
        }
        return entries;
    }

    private static List<Path> files(Path root) throws IOException {
        List<Path> found = new ArrayList<>();
        if (!Files.isDirectory(root)) {
            return found;
        }
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                return folder.equals(root.resolve(UNFINISHED))
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (attributes.isRegularFile()) {
                    found.add(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }
        });
        found.sort(null);
        return found;
    }

    /** Reads every file of the copy back; what an earlier backup has lost since is copied anew. */
    static List<Entry> verified(Path root, List<Entry> entries, BlobFolder blobs) throws IOException {
        List<Entry> good = new ArrayList<>();
        for (Entry entry : entries) {
            if (blobs.intact(entry.digest())) {
                good.add(entry);
                continue;
            }
            Files.deleteIfExists(blobs.file(entry.digest()));
            Digest again = blobs.add(root.resolve(entry.path()));
            if (!blobs.intact(again)) {
                throw PerennialException.state("the copy of artifact " + entry.path() + " at " + blobs.file(again)
                        + " has other bytes than were written; the disk of the backup cannot be trusted");
            }
            good.add(new Entry(entry.path(), Files.size(blobs.file(again)), again));
        }
        return good;
    }

    /** Writes the list, one JSON object a line. */
    static Path write(Path list, List<Entry> entries) throws IOException {
        try (BufferedWriter lines = Files.newBufferedWriter(list, StandardCharsets.UTF_8)) {
            for (Entry entry : entries) {
                lines.write(Json.write(Json.object()
                        .put("path", entry.path())
                        .put("size", entry.size())
                        .put("digest", entry.digest().hex())));
                lines.newLine();
            }
        }
        Copies.forceFile(list);
        return list;
    }

    static List<Entry> read(Path list) throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (String line : Files.readAllLines(list, StandardCharsets.UTF_8)) {
            JsonNode entry = Json.parse(line);
            entries.add(new Entry(
                    entry.path("path").asText(),
                    entry.path("size").asLong(),
                    new Digest(entry.path("digest").asText())));
        }
        return entries;
    }

    /** Refuses a folder that holds something, unless an interrupted restore left it. */
    static void refuseUsed(Path folder) throws IOException {
        boolean used = Files.exists(folder) && (!Files.isDirectory(folder) || !BackupFolder.isEmpty(folder));
        if (used && !Files.isRegularFile(folder.resolve(MARK))) {
            throw PerennialException.conflict(
                    folder + " is not empty; name a new folder for artifacts, so that nothing is overwritten");
        }
    }

    /** Writes the files into a folder that holds nothing else; the digests were checked before, and are again. */
    static void restore(List<Entry> entries, BlobFolder from, Path folder) throws IOException {
        Files.createDirectories(folder);
        Path mark = folder.resolve(MARK);
        Files.writeString(mark, "", StandardCharsets.US_ASCII);
        try (var left = Files.list(folder)) {
            for (Path file : left.filter(file -> !file.equals(mark)).toList()) {
                BackupFolder.remove(file);
            }
        }
        for (Entry entry : entries) {
            Path to = folder.resolve(entry.path()).normalize();
            if (!to.startsWith(folder)) {
                throw PerennialException.state("the list of artifacts names " + entry.path() + ", which leads out");
            }
            Copies.folder(java.util.Objects.requireNonNull(to.getParent()));
            if (!Copies.copy(from.file(entry.digest()), to).equals(entry.digest())) {
                throw PerennialException.state(from.file(entry.digest()) + " changed while it was copied");
            }
        }
        Copies.force(folder);
        Files.delete(mark);
    }
}
