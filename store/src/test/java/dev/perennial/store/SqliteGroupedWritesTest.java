package dev.perennial.store;

import java.nio.file.Path;

class SqliteGroupedWritesTest extends GroupedWritesContract {
    @Override
    StoreSettings settings(Path folder) {
        return StoreSettings.local(folder.resolve("data"));
    }
}
