package dev.perennial.store;

import dev.perennial.testkit.SeededIds;
import dev.perennial.testkit.TestClock;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A store on one dialect with two small tables. */
abstract class DatabaseFixture {
    @TempDir
    Path folder;

    StoreSettings settings;
    Store store;
    Database database;

    abstract StoreSettings settings(Path folder);

    @BeforeEach
    void open() {
        settings = settings(folder);
        reopen();
        database.writing(tx -> {
            String strict = database.dialect() == Database.Dialect.SQLITE ? " strict" : "";
            String real = database.dialect() == Database.Dialect.SQLITE ? "real" : "double precision";
            tx.sql().execute("create table item (id text primary key, n integer not null)" + strict);
            tx.sql()
                    .execute("create table measure (id text primary key, x " + real
                            + " not null, x_nan integer not null)" + strict);
        });
    }

    void reopen() {
        TestClock clock = TestClock.fixed();
        store = Store.open(settings, clock, SeededIds.of(1, clock), new SecureRandom());
        database = store.database();
    }

    @AfterEach
    void close() {
        store.close();
    }

    static void insert(Transaction tx, String id, int n) {
        tx.sql()
                .createUpdate("insert into item(id, n) values (:id, :n)")
                .bind("id", id)
                .bind("n", n)
                .execute();
    }

    List<String> ids() {
        return database.read(sql -> sql.createQuery("select id from item order by id")
                .mapTo(String.class)
                .list());
    }
}
