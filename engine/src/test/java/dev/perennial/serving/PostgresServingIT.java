package dev.perennial.serving;

import dev.perennial.store.StoreSettings;
import dev.perennial.testkit.TemporaryPostgres;
import java.nio.file.Path;

class PostgresServingIT extends ServingContract {
    private String database = "";

    @Override
    StoreSettings storage(Path folder) {
        if (database.isEmpty()) {
            database = TemporaryPostgres.freshDatabase();
        }
        return StoreSettings.postgres(
                folder.resolve("data"), database, TemporaryPostgres.USER, TemporaryPostgres.PASSWORD);
    }
}
