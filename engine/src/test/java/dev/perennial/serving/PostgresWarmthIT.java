package dev.perennial.serving;

import dev.perennial.store.StoreSettings;
import dev.perennial.testing.FreshPostgres;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

class PostgresWarmthIT extends WarmthContract {
    private @Nullable StoreSettings settings;

    @Override
    StoreSettings storage(Path folder) {
        if (settings == null) {
            settings = FreshPostgres.under(folder.resolve("data"));
        }
        return settings;
    }
}
