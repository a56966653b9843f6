package dev.perennial.events;

import dev.perennial.store.StoreSettings;
import java.nio.file.Path;

class SqliteEventLogTest extends EventLogContract {
    @Override
    StoreSettings storage(Path folder) {
        return StoreSettings.local(folder.resolve("data"));
    }
}
