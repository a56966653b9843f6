package dev.perennial.tracking;

import dev.perennial.store.StoreSettings;
import dev.perennial.testing.FreshPostgres;
import java.nio.file.Path;

class PostgresLatestValuesIT extends LatestValuesContract {
    @Override
    StoreSettings storage(Path folder) {
        return FreshPostgres.under(folder.resolve("data"));
    }
}
