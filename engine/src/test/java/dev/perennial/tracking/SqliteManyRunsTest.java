package dev.perennial.tracking;

import dev.perennial.store.StoreSettings;
import dev.perennial.testing.FreshSqlite;
import java.nio.file.Path;

class SqliteManyRunsTest extends ManyRunsContract {
    @Override
    StoreSettings storage(Path folder) {
        return FreshSqlite.under(folder.resolve("data"));
    }
}
