package dev.perennial.events;

import dev.perennial.store.StoreSettings;
import dev.perennial.testing.FreshPostgres;
import java.nio.file.Path;

class PostgresEventLogIT extends EventLogContract {
    @Override
    StoreSettings storage(Path folder) {
        return FreshPostgres.under(folder.resolve("data"));
    }
}
