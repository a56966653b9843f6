package dev.perennial.registry;

import dev.perennial.store.StoreSettings;
import dev.perennial.testing.FreshPostgres;
import java.nio.file.Path;

class PostgresLoopInRegistryIT extends LoopInRegistryContract {
    @Override
    StoreSettings storage(Path folder) {
        return FreshPostgres.under(folder.resolve("data"));
    }
}
