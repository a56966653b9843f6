package dev.perennial.replay;

import dev.perennial.store.StoreSettings;
import dev.perennial.testing.FreshSqlite;
import java.nio.file.Path;

class SqliteReplaysTest extends ReplaysContract {
    @Override
    protected StoreSettings storage(Path folder) {
        return FreshSqlite.under(folder.resolve("data"));
    }
}
