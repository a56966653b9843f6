package dev.perennial.registry;

import dev.perennial.store.StoreSettings;
import dev.perennial.testkit.TemporaryPostgres;
import java.nio.file.Path;
import java.util.Objects;

class PostgresRegistryIT extends RegistryContract {
    private StoreSettings settings;

    @Override
    StoreSettings storage(Path folder) {
        settings = StoreSettings.postgres(
                folder.resolve("data"),
                TemporaryPostgres.freshDatabase(),
                TemporaryPostgres.USER,
                TemporaryPostgres.PASSWORD);
        return settings;
    }

    @Override
    StoreSettings storageAgain() {
        return Objects.requireNonNull(settings);
    }
}
