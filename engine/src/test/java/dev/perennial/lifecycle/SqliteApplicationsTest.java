package dev.perennial.lifecycle;

import dev.perennial.store.StoreSettings;
import dev.perennial.testing.FreshSqlite;
import java.nio.file.Path;

class SqliteApplicationsTest extends ApplicationsContract {
    @Override
    protected StoreSettings storage(Path folder) {
        return FreshSqlite.under(folder.resolve("data"));
    }
}
