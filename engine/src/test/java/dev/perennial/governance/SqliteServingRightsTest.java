package dev.perennial.governance;

import dev.perennial.store.StoreSettings;
import java.nio.file.Path;

class SqliteServingRightsTest extends ServingRightsContract {
    @Override
    StoreSettings storage(Path folder) {
        return StoreSettings.local(folder.resolve("data"));
    }
}
