package dev.perennial.scorings;

import dev.perennial.store.StoreSettings;
import dev.perennial.testing.FreshPostgres;
import java.nio.file.Path;

class PostgresScoringsIT extends ScoringsContract {
    @Override
    protected StoreSettings storage(Path folder) {
        return FreshPostgres.under(folder.resolve("data"));
    }
}
