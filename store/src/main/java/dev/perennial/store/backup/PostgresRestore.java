package dev.perennial.store.backup;

import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.Database;
import dev.perennial.store.Migrations;
import dev.perennial.store.StoreSettings;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.TreeSet;
import org.postgresql.PGConnection;

/** Fills an empty PostgreSQL database: the tables of the backup's versions are made, then all rows come in one transaction. */
record PostgresRestore(StoreSettings target) implements DatabaseRestore {
    @Override
    public void refuseUsed() {
        try (Connection connection = PostgresCopy.connect(target)) {
            List<String> tables = PostgresCopy.strings(
                    connection,
                    "select table_name from information_schema.tables where table_schema = current_schema() order by 1");
            boolean interrupted = tables.contains("ledger_identity")
                    && PostgresCopy.strings(connection, "select ledger from ledger_identity")
                            .isEmpty();
            if (!tables.isEmpty() && !interrupted) {
                throw PerennialException.conflict(
                        "the database " + target.url().orElseThrow() + " is not empty, it has " + tables.size()
                                + " tables; name an empty one, so that nothing is overwritten");
            }
        } catch (SQLException e) {
            throw unreachable(e);
        }
    }

    private PerennialException unreachable(SQLException e) {
        return PerennialException.internal(
                "the database " + target.url().orElseThrow() + " cannot be filled: " + e.getMessage(), e);
    }

    @Override
    public void write(Path set, BackupSet manifest) throws IOException {
        PostgresCopy.Tables tables = Json.read(
                Files.readString(set.resolve(PostgresCopy.LIST), StandardCharsets.UTF_8), PostgresCopy.Tables.class);
        Migrations.make(
                Database.Dialect.POSTGRESQL,
                target.url().orElseThrow(),
                target.user(),
                target.password(),
                new TreeSet<>(tables.versions()));
        try (Connection connection = PostgresCopy.connect(target)) {
            connection.setAutoCommit(false);
            truncate(connection, tables);
            for (PostgresCopy.Table table : tables.tables()) {
                Path file = set.resolve(PostgresCopy.TABLES).resolve(table.name() + PostgresCopy.ENDING);
                try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
                    connection
                            .unwrap(PGConnection.class)
                            .getCopyAPI()
                            .copyIn("copy " + table.sql() + " from stdin", in);
                }
            }
            connection.commit();
            connection.setAutoCommit(true);
            try (Statement statement = connection.createStatement()) {
                statement.execute("analyze");
            }
        } catch (SQLException e) {
            throw unreachable(e);
        }
    }

    /** Migrations put a few rows into fresh tables. */
    private static void truncate(Connection connection, PostgresCopy.Tables tables) throws SQLException {
        List<String> names = tables.tables().stream()
                .map(table -> "\"" + table.name() + "\"")
                .toList();
        if (!names.isEmpty()) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("truncate " + String.join(", ", names));
            }
        }
    }
}
