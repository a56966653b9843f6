package dev.perennial.store.backup;

import dev.perennial.store.BackupNotes;
import dev.perennial.store.PlainFolders;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The small files of a data directory that belong into a backup: keys, the ledger's public key, segments of the prediction log that wait
 * for delivery. Everything belongs that is not named here, so that a file of a later release is not forgotten.
 */
final class InstallationFiles {
    /** The database and the blobs are copied in their own way; the rest is of running processes, or made anew. */
    private static final Set<String> LEFT_OUT = Set.of(
            "perennial.db",
            "perennial.db-wal",
            "perennial.db-shm",
            "perennial.db-journal",
            "blobs",
            "lock",
            "upkeep.lock",
            "server.log",
            "server.url",
            "server.json",
            "installation.id",
            "internal.token",
            "staging",
            "workers",
            "native",
            "environments",
            "replays",
            "scorings",
            "before-upgrade",
            "restored.json",
            PlainFolders.FILE,
            BackupNotes.FOLDER);

    /** Of running scorers; {@code python} holds their copies of models. */
    private static final Set<String> OF_PROCESSES = Set.of("pid", "port", "log", "python");

    /** Of standalone scorers with this data directory: what they fetch, and make, again. */
    private static final Set<String> OF_STANDALONE = Set.of("blobs", "native", "environments");

    private static final int BELOW_NAME = 2;

    private InstallationFiles() {}

    /** Paths below the data directory, sorted. Files that vanish meanwhile are passed over. */
    static List<Path> of(Path dataDir) throws IOException {
        List<Path> found = new ArrayList<>();
        Files.walkFileTree(dataDir, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                return leftOut(dataDir, folder) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (attributes.isRegularFile() && !leftOut(dataDir, file)) {
                    found.add(dataDir.relativize(file));
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

    private static boolean leftOut(Path dataDir, Path file) {
        Path inside = dataDir.relativize(file);
        String first = inside.getName(0).toString();
        return LEFT_OUT.contains(first)
                || first.equals("scorer")
                        && OF_PROCESSES.contains(inside.getFileName().toString())
                || first.equals("scorers")
                        && inside.getNameCount() > BELOW_NAME
                        && OF_STANDALONE.contains(inside.getName(BELOW_NAME).toString());
    }
}
