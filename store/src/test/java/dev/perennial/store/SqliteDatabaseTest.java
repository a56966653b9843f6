package dev.perennial.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.testkit.SeededIds;
import dev.perennial.testkit.TestClock;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

class SqliteDatabaseTest extends DatabaseContract {
    private static final int MEBIBYTE = 1 << 20;

    @Override
    StoreSettings settings(Path folder) {
        return StoreSettings.local(folder.resolve("data"));
    }

    @Test
    void aFullDatabaseRefusesWritesKeepsReadingAndRecovers() {
        TestClock clock = TestClock.fixed();
        StoreSettings limited = StoreSettings.local(folder.resolve("small")).limitedTo(MEBIBYTE);
        try (Store store = Store.open(limited, clock, SeededIds.fixed(), new SecureRandom())) {
            Database database = store.database();
            database.writing(tx -> tx.sql().execute("create table big (id text primary key, bytes blob) strict"));
            database.writing(tx -> tx.sql().execute("insert into big values ('first', ?)", (Object) new byte[1000]));
            assertFails(
                    ErrorCode.STORAGE_FULL,
                    () -> database.writing(tx -> {
                        tx.sql().execute("insert into big values ('small', ?)", (Object) new byte[1000]);
                        tx.sql().execute("insert into big values ('large', ?)", (Object) new byte[2 * MEBIBYTE]);
                    }));
            assertThat(database.<java.util.List<String>>read(sql -> sql.createQuery("select id from big")
                            .mapTo(String.class)
                            .list()))
                    .containsExactly("first");
            database.writing(tx -> tx.sql().execute("insert into big values ('second', ?)", (Object) new byte[1000]));
            assertThat(database.<Integer>read(sql -> sql.createQuery("select count(*) from big")
                            .mapTo(Integer.class)
                            .one()))
                    .isEqualTo(2);
        }
    }
}
