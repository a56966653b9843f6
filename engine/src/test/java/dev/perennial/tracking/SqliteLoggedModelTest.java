package dev.perennial.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.store.StoreSettings;
import dev.perennial.testing.FreshSqlite;
import dev.perennial.tracking.models.LoggedModel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SqliteLoggedModelTest extends LoggedModelContract {
    @Override
    StoreSettings storage(Path folder) {
        return FreshSqlite.under(folder.resolve("data"));
    }

    @Test
    void modelsAreThereAfterARestart() {
        LoggedModel made = model("n");
        store.close();
        open();
        assertThat(tracking.models().get(made.id())).isEqualTo(made);
    }
}
