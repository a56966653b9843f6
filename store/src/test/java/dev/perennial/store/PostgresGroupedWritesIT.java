package dev.perennial.store;

import dev.perennial.testkit.TemporaryPostgres;
import java.nio.file.Path;

class PostgresGroupedWritesIT extends GroupedWritesContract {
    @Override
    StoreSettings settings(Path folder) {
        return StoreSettings.postgres(
                folder.resolve("data"),
                TemporaryPostgres.freshDatabase(),
                TemporaryPostgres.USER,
                TemporaryPostgres.PASSWORD);
    }
}
