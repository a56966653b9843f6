package dev.perennial.lifecycle;

import dev.perennial.store.StoreSettings;
import dev.perennial.testkit.TemporaryPostgres;
import java.nio.file.Path;

class PostgresPeopleIT extends PeopleContract {
    @Override
    protected StoreSettings storage(Path folder) {
        return StoreSettings.postgres(
                folder.resolve("data"),
                TemporaryPostgres.freshDatabase(),
                TemporaryPostgres.USER,
                TemporaryPostgres.PASSWORD);
    }
}
