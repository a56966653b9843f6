package dev.perennial.pipelines;

import dev.perennial.store.StoreSettings;
import dev.perennial.testkit.TemporaryPostgres;
import java.nio.file.Path;

class PostgresPipelinesIT extends RandomPipelinesContract {
    @Override
    StoreSettings storage(Path folder) {
        return StoreSettings.postgres(
                folder.resolve("data"),
                TemporaryPostgres.freshDatabase(),
                TemporaryPostgres.USER,
                TemporaryPostgres.PASSWORD);
    }

    @Override
    int pipelines() {
        return 15;
    }
}
