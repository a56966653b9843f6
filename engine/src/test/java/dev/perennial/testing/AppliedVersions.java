package dev.perennial.testing;

import dev.perennial.kernel.Folders;
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
import java.util.function.Function;

/** A store that was opened once tells which versions of tables this program makes. */
final class AppliedVersions {
    private static final String APPLIED = "select version from flyway_schema_history where version is not null";

    private AppliedVersions() {}

    /** Opens and closes a store in a folder of its own. */
    static Set<String> of(Function<Path, StoreSettings> store) {
        try {
            Path data = Files.createTempDirectory("perennial-tables");
            TestClock clock = TestClock.fixed();
            StoreSettings settings = store.apply(data);
            Store.open(settings, clock, SeededIds.of(1, clock), new SecureRandom())
                    .close();
            Set<String> versions = versions(settings.url().orElse("jdbc:sqlite:" + data.resolve("perennial.db")));
            Folders.remove(data);
            return versions;
        } catch (IOException e) {
            throw new UncheckedIOException("no room for a first store", e);
        }
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
