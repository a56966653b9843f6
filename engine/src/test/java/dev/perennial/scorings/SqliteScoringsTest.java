package dev.perennial.scorings;

import dev.perennial.store.StoreSettings;
import dev.perennial.testing.FreshSqlite;
import java.nio.file.Path;

class SqliteScoringsTest extends ScoringsContract {
    @Override
    protected StoreSettings storage(Path folder) {
        return FreshSqlite.under(folder.resolve("data"));
    }
}
