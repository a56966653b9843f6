package dev.perennial.replay;

import dev.perennial.store.StoreSettings;
import dev.perennial.testing.FreshPostgres;
import java.nio.file.Path;

class PostgresReplaysIT extends ReplaysContract {
    @Override
    protected StoreSettings storage(Path folder) {
        return FreshPostgres.under(folder.resolve("data"));
    }
}
