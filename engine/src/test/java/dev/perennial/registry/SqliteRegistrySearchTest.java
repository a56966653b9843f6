package dev.perennial.registry;

import dev.perennial.store.StoreSettings;
import dev.perennial.testing.FreshSqlite;
import java.nio.file.Path;

class SqliteRegistrySearchTest extends RegistrySearchContract {
    @Override
    StoreSettings storage(Path folder) {
        return FreshSqlite.under(folder.resolve("data"));
    }
}
