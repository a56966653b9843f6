package dev.perennial.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.testkit.SeededIds;
import dev.perennial.testkit.TestClock;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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

    @Test
    void closingWaitsForAReadThatIsUnderWayAndRefusesLaterOnes() throws Exception {
        StoreSettings settings = StoreSettings.local(folder.resolve("closing"));
        Store store = Store.open(settings, TestClock.fixed(), SeededIds.fixed(), new SecureRandom());
        Database database = store.database();
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Future<Integer> read = threads.submit(() -> database.<Integer>read(sql -> {
                sql.createQuery("select 1").mapTo(Integer.class).one();
                reading.countDown();
                await(goOn);
                return sql.createQuery("select 2").mapTo(Integer.class).one();
            }));
            reading.await();
            Future<?> closing = threads.submit(store::close);
            while (!refused(database)) {
                Thread.onSpinWait();
            }
            assertThat(closing.isDone()).isFalse();
            goOn.countDown();
            assertThat(read.get()).isEqualTo(2);
            closing.get();
        } finally {
            goOn.countDown();
            threads.shutdown();
        }
    }

    private static boolean refused(Database database) {
        try {
            database.<Integer>read(
                    sql -> sql.createQuery("select 1").mapTo(Integer.class).one());
            return false;
        } catch (PerennialException e) {
            assertThat(e).hasMessage("the database is closed");
            return true;
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whileAnotherProgramHoldsTheFileWritesAreToldToTryAgainAndReadsGoOn() throws SQLException {
        TestClock clock = TestClock.fixed();
        StoreSettings settings = StoreSettings.local(folder.resolve("busy"));
        try (Store store = Store.open(settings, clock, SeededIds.fixed(), new SecureRandom())) {
            Database database = store.database();
            database.writing(tx -> tx.sql().execute("create table t (n integer) strict"));
            try (Connection other = DriverManager.getConnection(
                            "jdbc:sqlite:" + store.directory().database());
                    Statement statement = other.createStatement()) {
                statement.execute("begin immediate");
                assertFails(
                        ErrorCode.UNAVAILABLE,
                        () -> database.writing(tx -> tx.sql().execute("insert into t values (1)")));
                assertThat(count(database)).isZero();
                statement.execute("rollback");
            }
            database.writing(tx -> tx.sql().execute("insert into t values (2)"));
            assertThat(count(database)).isEqualTo(1);
        }
    }

    private static int count(Database database) {
        return database.<Integer>read(sql ->
                sql.createQuery("select count(*) from t").mapTo(Integer.class).one());
    }

    @Test
    void aClosedDatabaseSaysSo() {
        TestClock clock = TestClock.fixed();
        Store store =
                Store.open(StoreSettings.local(folder.resolve("closed")), clock, SeededIds.fixed(), new SecureRandom());
        store.close();
        assertThatThrownBy(() -> store.database().writing(tx -> {})).hasMessageContaining("the database is closed");
        store.close();
    }
}
