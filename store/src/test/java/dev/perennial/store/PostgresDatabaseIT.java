package dev.perennial.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.testkit.TemporaryPostgres;
import java.nio.file.Path;
import java.time.Duration;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;

class PostgresDatabaseIT extends DatabaseContract {
    @Override
    StoreSettings settings(Path folder) {
        return StoreSettings.postgres(
                folder.resolve("data"),
                TemporaryPostgres.freshDatabase(),
                TemporaryPostgres.USER,
                TemporaryPostgres.PASSWORD);
    }

    private static String setting(Handle sql, String name) {
        return sql.createQuery("show " + name).mapTo(String.class).one();
    }

    @Test
    void onlyAQuestionWithALimitIsPlannedForItsValues() {
        Duration limit = Duration.ofSeconds(30);
        assertThat(database.<String>readWithin(limit, sql -> setting(sql, "plan_cache_mode")))
                .isEqualTo("force_custom_plan");
        assertThat(database.<String>readWithin(limit, sql -> setting(sql, "max_parallel_workers_per_gather")))
                .isEqualTo("0");
        for (int i = 0; i < 5; i++) {
            assertThat(database.<String>read(sql -> setting(sql, "plan_cache_mode")))
                    .isEqualTo("auto");
        }
    }
}
