package dev.perennial.pipelines;

import dev.perennial.store.StoreSettings;
import dev.perennial.testing.FreshPostgres;
import java.nio.file.Path;

class PostgresPipelinesIT extends RandomPipelinesContract {
    @Override
    StoreSettings storage(Path folder) {
        return FreshPostgres.under(folder.resolve("data"));
    }

    @Override
    int pipelines() {
        return 15;
    }
}
