package dev.perennial.pipelines;

import dev.perennial.store.StoreSettings;
import dev.perennial.testing.FreshSqlite;
import java.nio.file.Path;

class SqlitePipelinesTest extends RandomPipelinesContract {
    @Override
    StoreSettings storage(Path folder) {
        return FreshSqlite.under(folder.resolve("data"));
    }

    @Override
    int pipelines() {
        return 60;
    }
}
