package dev.perennial.tracking;

import dev.perennial.store.StoreSettings;
import dev.perennial.testkit.TemporaryPostgres;
import java.nio.file.Path;

class PostgresGarbageHoldsIT extends GarbageHoldsContract {
    @Override
    StoreSettings storage(Path folder) {
        return StoreSettings.postgres(
                folder, TemporaryPostgres.freshDatabase(), TemporaryPostgres.USER, TemporaryPostgres.PASSWORD);
    }
}
