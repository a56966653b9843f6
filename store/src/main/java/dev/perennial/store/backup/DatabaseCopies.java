package dev.perennial.store.backup;

import dev.perennial.kernel.PerennialException;
import dev.perennial.store.StoreSettings;

/** Which copy fits an installation. */
final class DatabaseCopies {
    private DatabaseCopies() {}

    static DatabaseCopy of(StoreSettings source) {
        if (source.url().isPresent()) {
            throw PerennialException.invalid(
                    "database-url", "a database in PostgreSQL cannot be backed up yet; use pg_dump and copy the blobs");
        }
        return new SqliteCopy(source.dataDir().resolve(SqliteCopy.FILE));
    }
}
