package dev.perennial.store.backup;

import dev.perennial.store.StoreSettings;

/** Which copy fits an installation. */
final class DatabaseCopies {
    private DatabaseCopies() {}

    static DatabaseCopy of(StoreSettings source) {
        if (source.url().isPresent()) {
            return new PostgresCopy(source);
        }
        return new SqliteCopy(source.dataDir().resolve(SqliteCopy.FILE));
    }
}
