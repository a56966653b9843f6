package dev.perennial.registry;

import dev.perennial.store.StoreSettings;
import dev.perennial.testkit.TemporaryPostgres;
import java.nio.file.Path;

class PostgresRegistryImportIT extends RegistryImportContract {
    @Override
    StoreSettings storage(Path folder) {
        return StoreSettings.postgres(
                folder.resolve("data"),
                TemporaryPostgres.freshDatabase(),
                TemporaryPostgres.USER,
                TemporaryPostgres.PASSWORD);
    }
}
