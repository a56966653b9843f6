package dev.perennial.registry;

import dev.perennial.store.StoreSettings;
import dev.perennial.testing.FreshPostgres;
import java.nio.file.Path;
import java.util.Objects;

class PostgresRegistryIT extends RegistryContract {
    private StoreSettings settings;

    @Override
    StoreSettings storage(Path folder) {
        settings = FreshPostgres.under(folder.resolve("data"));
        return settings;
    }

    @Override
    StoreSettings storageAgain() {
        return Objects.requireNonNull(settings);
    }
}
