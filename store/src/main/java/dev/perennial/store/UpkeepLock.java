package dev.perennial.store;

import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Keeps deletion for good and backups of one data directory apart: any number of backups, or one deletion. It vanishes with its process.
 */
public final class UpkeepLock implements AutoCloseable {
    private static final String FILE = "upkeep.lock";

    private final FileChannel channel;

    private UpkeepLock(FileChannel channel) {
        this.channel = channel;
    }

    /** For a backup; {@code CONFLICT} while something is deleted for good. */
    public static UpkeepLock forBackup(Path dataDir) {
        return take(dataDir, true, "'perennial gc' is deleting from " + dataDir + "; try again when it has ended");
    }

    /** For a deletion for good; {@code CONFLICT} while a backup is taken or another deletion runs. */
    public static UpkeepLock forDeletion(Path dataDir) {
        return take(
                dataDir, false, "a backup of " + dataDir + " is being taken, or another gc runs; try again afterwards");
    }

    private static UpkeepLock take(Path dataDir, boolean shared, String held) {
        try {
            Files.createDirectories(dataDir);
            FileChannel channel = FileChannel.open(
                    dataDir.resolve(FILE),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
            boolean ours = false;
            try {
                ours = locked(channel, shared);
            } finally {
                if (!ours) {
                    channel.close();
                }
            }
            if (!ours) {
                throw PerennialException.conflict(held);
            }
            return new UpkeepLock(channel);
        } catch (IOException e) {
            throw PerennialException.internal("cannot lock " + dataDir.resolve(FILE) + ": " + e.getMessage(), e);
        }
    }

    private static boolean locked(FileChannel channel, boolean shared) throws IOException {
        try {
            @Nullable FileLock lock = channel.tryLock(0, Long.MAX_VALUE, shared);
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false; // held by this very process
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw PerennialException.internal("cannot give up the upkeep lock", e);
        }
    }
}
