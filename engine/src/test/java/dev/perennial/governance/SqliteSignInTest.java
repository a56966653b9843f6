package dev.perennial.governance;

import dev.perennial.store.StoreSettings;
import java.nio.file.Path;

class SqliteSignInTest extends SignInContract {
    @Override
    StoreSettings storage(Path folder) {
        return StoreSettings.local(folder.resolve("data"));
    }
}
