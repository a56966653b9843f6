package dev.perennial.store.backup;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder of backups: {@code blobs/} shared by all sets, and one folder for each set, {@code TIME.partial} until it is complete. One
 * process writes it at a time.
 */
final class BackupFolder implements AutoCloseable {
    static final String PARTIAL = ".partial";

    private static final String MARK = "perennial-backup";
    private static final String BLOBS = "blobs";

    private final Path root;
    private final @Nullable FileChannel channel;

    private BackupFolder(Path root, @Nullable FileChannel channel) {
        this.root = root;
        this.channel = channel;
    }

    /** Opens a folder for one more backup; a new or empty one becomes a folder of backups. */
    static BackupFolder forWriting(Path folder) throws IOException {
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw PerennialException.invalid("dir", folder + " is a file; name a new or empty folder");
        }
        if (!Files.exists(folder.resolve(MARK)) && Files.exists(folder) && !isEmpty(folder)) {
            throw PerennialException.invalid(
                    "dir", folder + " is not empty and holds no backups; name a new or empty folder");
        }
        Copies.folder(folder);
        FileChannel channel = FileChannel.open(
                folder.resolve(MARK), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        boolean ours = false;
        try {
            @Nullable FileLock lock = channel.tryLock();
            ours = lock != null;
        } catch (OverlappingFileLockException e) {
            ours = false; // told below
        } finally {
            if (!ours) {
                channel.close();
            }
        }
        if (!ours) {
            throw PerennialException.conflict("another backup is being written into " + folder + "; wait for its end");
        }
        BackupFolder opened = new BackupFolder(folder, channel);
        Copies.folder(opened.blobs());
        return opened;
    }

    static BackupFolder forReading(Path folder) {
        if (!Files.isRegularFile(folder.resolve(MARK))) {
            throw PerennialException.invalid(
                    "dir", folder + " holds no backup; name the folder that 'perennial backup' was given");
        }
        return new BackupFolder(folder, null);
    }

    static boolean isEmpty(Path folder) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            return !files.iterator().hasNext();
        }
    }

    Path blobs() {
        return root.resolve(BLOBS);
    }

    /** Names of the complete sets, oldest first. */
    List<String> sets() throws IOException {
        return names(false);
    }

    /** Names of what interrupted backups left. */
    List<String> interrupted() throws IOException {
        return names(true);
    }

    private List<String> names(boolean partial) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(root, Files::isDirectory)) {
            for (Path folder : folders) {
                String name = folder.getFileName().toString();
                boolean complete = Files.isRegularFile(folder.resolve(BackupSet.FILE)) && !name.endsWith(PARTIAL);
                if (partial ? name.endsWith(PARTIAL) : complete) {
                    names.add(name);
                }
            }
        }
        Collections.sort(names);
        return names;
    }

    Path set(String name) {
        return root.resolve(name);
    }

    /** The folder of a set, or of the newest one. */
    Path chosen(Optional<String> wanted) throws IOException {
        List<String> complete = sets();
        if (wanted.isPresent()) {
            if (!complete.contains(wanted.get())) {
                throw PerennialException.invalid(
                        "set",
                        "'" + wanted.get() + "' is not one of the complete backups in " + root + ": " + complete);
            }
            return set(wanted.get());
        }
        if (complete.isEmpty()) {
            throw PerennialException.state(
                    interrupted().isEmpty()
                            ? "there is no complete backup in " + root
                            : "the backup in " + root + " was interrupted ("
                                    + interrupted().getLast()
                                    + ") and none is complete; run 'perennial backup' again, it goes on where it ended");
        }
        return set(complete.getLast());
    }

    /** Makes the folder of a new set and removes what interrupted backups left; their blobs are kept. */
    Path begin(String name) throws IOException {
        for (String left : interrupted()) {
            remove(set(left));
        }
        Path folder = set(name + PARTIAL);
        Copies.folder(folder);
        return folder;
    }

    static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Override
    public void close() {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            throw new PerennialException(ErrorCode.INTERNAL, "cannot give up the lock of " + root, null, e);
        }
    }
}
