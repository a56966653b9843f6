package dev.perennial.monitoring;

import dev.perennial.store.StoreSettings;
import dev.perennial.testing.FreshPostgres;
import java.nio.file.Path;

class PostgresMonitoringIT extends MonitoringContract {
    @Override
    StoreSettings storage(Path folder) {
        return FreshPostgres.under(folder.resolve("data"));
    }
}
