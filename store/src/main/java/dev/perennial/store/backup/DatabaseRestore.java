package dev.perennial.store.backup;

import dev.perennial.kernel.PerennialException;
import dev.perennial.store.StoreSettings;
import java.io.IOException;
import java.nio.file.Path;

/** Puts the database of a set where a server will look for it. */
interface DatabaseRestore {
    /** Refuses a database that holds something. */
    void refuseUsed();

    void write(Path set, BackupSet manifest) throws IOException;

    static DatabaseRestore of(BackupSet manifest, StoreSettings target) {
        boolean wanted = target.url().isPresent();
        boolean written = manifest.dialect().equals("POSTGRESQL");
        if (wanted != written) {
            throw PerennialException.invalid(
                    "database-url",
                    "the backup " + manifest.name() + " holds a database of " + (written ? "PostgreSQL" : "SQLite")
                            + (written
                                    ? "; name an empty PostgreSQL database with database-url"
                                    : "; leave database-url out"));
        }
        return written ? new PostgresRestore(target) : new Sqlite(target.dataDir());
    }

    /** One file, copied. */
    record Sqlite(Path dataDir) implements DatabaseRestore {
        @Override
        public void refuseUsed() {
            // The file lies in the data directory, which was looked at already.
        }

        @Override
        public void write(Path set, BackupSet manifest) throws IOException {
            for (BackupSet.Entry entry : manifest.files()) {
                if (entry.path().equals(SqliteCopy.FILE)) {
                    Restore.copy(set, entry, dataDir.resolve(SqliteCopy.FILE));
                    return;
                }
            }
            throw PerennialException.state("the backup " + set + " is damaged: it lists no " + SqliteCopy.FILE);
        }
    }
}
