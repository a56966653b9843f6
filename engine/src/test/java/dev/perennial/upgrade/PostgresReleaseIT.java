package dev.perennial.upgrade;

import dev.perennial.store.StoreSettings;
import dev.perennial.testkit.Release;
import dev.perennial.testkit.TemporaryPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

class PostgresReleaseIT extends ReleaseContract {
    @Override
    StoreSettings lay(Release release) {
        Path data = folder.resolve("data");
        facts = release.unpackPostgres(data);
        String url = TemporaryPostgres.freshDatabase();
        try (Connection connection =
                        DriverManager.getConnection(url, TemporaryPostgres.USER, TemporaryPostgres.PASSWORD);
                Statement statement = connection.createStatement()) {
            String dump = Files.readString(data.resolve("dump.sql"));
            Files.delete(data.resolve("dump.sql"));
            statement.execute(dump.replaceAll("(?m)^\\\\.*$", "")); // orders to psql
        } catch (SQLException | IOException e) {
            throw e instanceof IOException io ? new UncheckedIOException(io) : new IllegalStateException(e);
        }
        return StoreSettings.postgres(data, url, TemporaryPostgres.USER, TemporaryPostgres.PASSWORD);
    }
}
