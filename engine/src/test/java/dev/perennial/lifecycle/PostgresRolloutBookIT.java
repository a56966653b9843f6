package dev.perennial.lifecycle;

import dev.perennial.store.StoreSettings;
import dev.perennial.testing.FreshPostgres;
import java.nio.file.Path;

class PostgresRolloutBookIT extends RolloutBookContract {
    @Override
    protected StoreSettings storage(Path folder) {
        return FreshPostgres.under(folder.resolve("data"));
    }
}
