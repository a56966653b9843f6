package dev.perennial.store;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The folder that holds all state of an installation, held by one process at a time through a lock of the operating system, which
 * vanishes with the process however it dies.
 */
public final class DataDirectory implements AutoCloseable {
    private static final String LOCK = "lock";
    private static final int PID_BYTES_MAX = 20;
    /**
     * Held by this process. The lock of the operating system belongs to the whole process and is given up when any of its channels to
     * the file closes, so a second opener in the same process must be turned away before it opens the file.
     */
    private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

    private final Path root;
    private final Path shared;
    private final FileChannel channel;

    private DataDirectory(Path root, Path shared, FileChannel channel) {
        this.root = root;
        this.shared = shared;
        this.channel = channel;
    }

    /** Creates the folder where it is missing and takes its lock; {@code CONFLICT} names the process that holds it. */
    public static DataDirectory open(Path folder) {
        return open(folder, folder);
    }

    /** As {@link #open(Path)}, with keys and blobs in a folder that several servers share. */
    public static DataDirectory open(Path folder, Path shared) {
        try {
            Files.createDirectories(folder);
            Path root = folder.toRealPath();
            refuseHalfRestored(root);
            if (!HELD_HERE.add(root)) {
                throw held(root, String.valueOf(ProcessHandle.current().pid()));
            }
            DataDirectory opened = null;
            try {
                opened = lock(root, shared.equals(folder) ? root : shared);
                opened.prepare();
                return opened;
            } finally {
                if (opened == null) {
                    HELD_HERE.remove(root);
                }
            }
        } catch (IOException e) {
            throw new PerennialException(
                    ErrorCode.INVALID_STATE, "the data directory " + folder + " cannot be used: " + e, null, e);
        }
    }

    /** There while a backup is being restored into the folder. */
    public static Path restoreMark(Path folder) {
        return folder.resolve("restore.unfinished");
    }

    /** What a finished restore leaves for the next server to tell the ledger. */
    public static Path restoredNote(Path folder) {
        return folder.resolve("restored.json");
    }

    private static void refuseHalfRestored(Path root) {
        if (Files.exists(restoreMark(root))) {
            throw PerennialException.state("a restore into " + root
                    + " was interrupted or is running; run 'perennial restore' again and let it end");
        }
    }

    private static DataDirectory lock(Path root, Path shared) throws IOException {
        FileChannel channel = FileChannel.open(
                root.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        boolean ours = false;
        try {
            @Nullable FileLock lock = channel.tryLock();
            if (lock == null) {
                ByteBuffer pid = ByteBuffer.allocate(PID_BYTES_MAX);
                channel.read(pid, 0);
                throw held(root, new String(pid.array(), 0, pid.position(), StandardCharsets.US_ASCII).strip());
            }
            channel.truncate(0);
            byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
            channel.write(ByteBuffer.wrap(pid), 0);
            ours = true;
            return new DataDirectory(root, shared, channel);
        } finally {
            if (!ours) {
                channel.close();
            }
        }
    }

    private static PerennialException held(Path root, String pid) {
        return PerennialException.conflict("the data directory " + root + " is in use by process " + pid
                + "; stop that server or give another --data-dir");
    }

    private void prepare() throws IOException {
        for (Path folder : new Path[] {
            keys(), blobs(), staging(), workers(), scorer(), segments(), nativeLibraries(), replays(), scorings()
        }) {
            Files.createDirectories(folder);
        }
        // A killed process leaves its unpacked library behind; nobody else uses this folder while we hold the lock.
        try (DirectoryStream<Path> stale = Files.newDirectoryStream(nativeLibraries(), "sqlite-*")) {
            for (Path file : stale) {
                Files.deleteIfExists(file);
            }
        }
    }

    public Path root() {
        return root;
    }

    /** Where keys and blobs are: the root, unless several servers share them. */
    public Path shared() {
        return shared;
    }

    /** The SQLite file; absent when the control data are in PostgreSQL. */
    public Path database() {
        return root.resolve("perennial.db");
    }

    /** The key that verifies the ledger's checkpoints. */
    public Path ledgerPublicKey() {
        return shared.resolve("ledger.pub");
    }

    public Path keys() {
        return shared.resolve("keys");
    }

    /** The token with which scorers and workers call the server. */
    public Path internalToken() {
        return root.resolve("internal.token");
    }

    public Path blobs() {
        return shared.resolve("blobs");
    }

    public Path staging() {
        return root.resolve("staging");
    }

    public Path workers() {
        return root.resolve("workers");
    }

    public Path scorer() {
        return root.resolve("scorer");
    }

    public Path segments() {
        return root.resolve("segments");
    }

    public Path nativeLibraries() {
        return root.resolve("native");
    }

    public Path replays() {
        return root.resolve("replays");
    }

    /** Parts of scoring jobs, files that were sent to be scored, and results that are kept to be fetched. */
    public Path scorings() {
        return root.resolve("scorings");
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw PerennialException.internal("cannot give up the lock of " + root, e);
        } finally {
            HELD_HERE.remove(root);
        }
    }
}
