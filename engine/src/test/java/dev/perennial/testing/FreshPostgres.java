package dev.perennial.testing;

import dev.perennial.store.Migrations;
import dev.perennial.store.Store;
import dev.perennial.store.StoreSettings;
import dev.perennial.testkit.SeededIds;
import dev.perennial.testkit.TemporaryPostgres;
import dev.perennial.testkit.TestClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.TreeSet;

/** PostgreSQL databases that have the tables of this program and no rows: copies of one, because making the tables takes longer than most tests. */
public final class FreshPostgres {
    private static final String APPLIED = "select version from flyway_schema_history where version is not null";

    private FreshPostgres() {}

    /** Made once for a process. */
    private static final class Tables {
        private static final String URL = made();
    }

    /** A database of its own for a store in this folder. */
    public static StoreSettings under(Path data) {
        return settings(data, TemporaryPostgres.copyOf(Tables.URL));
    }

    private static StoreSettings settings(Path data, String url) {
        return StoreSettings.postgres(data, url, TemporaryPostgres.USER, TemporaryPostgres.PASSWORD);
    }

    /** A store that was opened once tells which tables there are; the model of the copies is made of these alone. */
    private static String made() {
        String opened = TemporaryPostgres.freshDatabase();
        String made = TemporaryPostgres.freshDatabase();
        try {
            Path folder = Files.createTempDirectory("perennial-tables");
            TestClock clock = TestClock.fixed();
            Store.open(settings(folder, opened), clock, SeededIds.of(1, clock), new SecureRandom())
                    .close();
        } catch (IOException e) {
            throw new UncheckedIOException("no room for a first store", e);
        }
        Migrations.make(made, TemporaryPostgres.USER, TemporaryPostgres.PASSWORD, versions(opened));
        return made;
    }

    private static Set<String> versions(String url) {
        Set<String> versions = new TreeSet<>();
        try (Connection connection =
                        DriverManager.getConnection(url, TemporaryPostgres.USER, TemporaryPostgres.PASSWORD);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(APPLIED)) {
            while (rows.next()) {
                versions.add(rows.getString(1));
            }
        } catch (SQLException e) {
            throw new IllegalStateException("cannot read which tables " + url + " has", e);
        }
        return versions;
    }
}
