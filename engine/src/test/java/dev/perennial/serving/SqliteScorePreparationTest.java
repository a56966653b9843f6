package dev.perennial.serving;

import dev.perennial.store.StoreSettings;
import java.nio.file.Path;

class SqliteScorePreparationTest extends ScorePreparationContract {
    @Override
    StoreSettings storage(Path folder) {
        return StoreSettings.local(folder.resolve("data"));
    }
}
