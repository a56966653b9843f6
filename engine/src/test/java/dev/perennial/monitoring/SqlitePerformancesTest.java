package dev.perennial.monitoring;

import dev.perennial.store.StoreSettings;
import dev.perennial.testing.FreshSqlite;
import java.nio.file.Path;

class SqlitePerformancesTest extends PerformancesContract {
    @Override
    StoreSettings storage(Path folder) {
        return FreshSqlite.under(folder.resolve("data"));
    }
}
