package dev.perennial.store;

import dev.perennial.kernel.PerennialException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the state lives.
 *
 * @param dataDir the data directory; blobs, keys and, without {@code url}, the database itself are in it
 * @param url JDBC address of a PostgreSQL database, {@code jdbc:postgresql://HOST:PORT/NAME}; absent: SQLite in the data directory
 * @param user user of the PostgreSQL database
 * @param password password of that user
 * @param sizeLimitBytes the SQLite file may not grow beyond this; 0 is no limit. Writes beyond it fail with {@code STORAGE_FULL}
 * @param sharedDir blobs, keys and {@code ledger.pub} of several servers on one PostgreSQL database; empty: in {@code dataDir}
 */
public record StoreSettings(
        Path dataDir,
        Optional<String> url,
        String user,
        String password,
        long sizeLimitBytes,
        Optional<Path> sharedDir) {
    public StoreSettings {
        sharedDir = sharedDir.map(folder -> folder.toAbsolutePath().normalize());
        if (sharedDir.isPresent() && url.isEmpty()) {
            throw PerennialException.invalid(
                    "shared-dir",
                    "several servers share a database in PostgreSQL only; name it with database-url, or leave shared-dir out");
        }
        if (url.isPresent() && !url.get().startsWith("jdbc:postgresql:")) {
            throw PerennialException.invalid(
                    "database-url",
                    "database address '" + url.get() + "' must start with jdbc:postgresql:; leave it out for SQLite");
        }
        if (sizeLimitBytes < 0) {
            throw PerennialException.invalid(
                    "database-size-limit", "database size limit " + sizeLimitBytes + " must be 0 or more bytes");
        }
        if (dataDir.toString().contains("?")) {
            throw PerennialException.invalid(
                    "data-dir", "data directory '" + dataDir + "' must not contain '?'; name another");
        }
        dataDir = dataDir.toAbsolutePath().normalize();
    }

    public StoreSettings(Path dataDir, Optional<String> url, String user, String password, long sizeLimitBytes) {
        this(dataDir, url, user, password, sizeLimitBytes, Optional.empty());
    }

    /** SQLite in the data directory, without a limit. */
    public static StoreSettings local(Path dataDir) {
        return new StoreSettings(dataDir, Optional.empty(), "", "", 0);
    }

    /** PostgreSQL for the control data, files in the data directory. */
    public static StoreSettings postgres(Path dataDir, String url, String user, String password) {
        return new StoreSettings(dataDir, Optional.of(url), user, password, 0);
    }

    /** The same with a limit on the size of the SQLite file. */
    public StoreSettings limitedTo(long bytes) {
        return new StoreSettings(dataDir, url, user, password, bytes, sharedDir);
    }

    /** The same for one of several servers. */
    public StoreSettings sharing(Path folder) {
        return new StoreSettings(dataDir, url, user, password, sizeLimitBytes, Optional.of(folder));
    }

    /** Without the password. */
    @Override
    public String toString() {
        return url.orElse("SQLite") + " with files in " + dataDir;
    }
}
