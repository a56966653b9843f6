package dev.perennial.replay;

import dev.perennial.store.StoreSettings;
import java.nio.file.Path;

class SqliteReplaysTest extends ReplaysContract {
    @Override
    protected StoreSettings storage(Path folder) {
        return StoreSettings.local(folder.resolve("data"));
    }
}
