package dev.perennial.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.store.StoreSettings;
import dev.perennial.testing.FreshSqlite;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SqliteLatestValuesTest extends LatestValuesContract {
    @Override
    StoreSettings storage(Path folder) {
        return FreshSqlite.under(folder.resolve("data"));
    }

    @Test
    void aRestartKeepsWhatNobodyHasLookedAt() {
        String run = run("a");
        metrics(run, at(1, "a", 1), at(1, "b", 1));
        metrics(run, at(2, "a", 2), at(2, "b", 2));
        close();
        open();
        assertThat(latest(run)).containsExactly(at(2, "a", 2), at(2, "b", 2));
        metrics(run, at(3, "a", 3));
        assertThat(latest(run)).containsExactly(at(3, "a", 3), at(2, "b", 2));
        assertThat(names("metrics.b = 2")).containsExactly("a");
    }
}
