package dev.perennial.lifecycle;

import dev.perennial.store.StoreSettings;
import java.nio.file.Path;

class SqliteLedgeredStateTest extends LedgeredStateContract {
    @Override
    StoreSettings storage(Path folder) {
        return StoreSettings.local(folder.resolve("data"));
    }
}
