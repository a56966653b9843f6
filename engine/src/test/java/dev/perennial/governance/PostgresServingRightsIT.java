package dev.perennial.governance;

import dev.perennial.store.StoreSettings;
import dev.perennial.testing.FreshPostgres;
import java.nio.file.Path;

class PostgresServingRightsIT extends ServingRightsContract {
    @Override
    StoreSettings storage(Path folder) {
        return FreshPostgres.under(folder.resolve("data"));
    }
}
