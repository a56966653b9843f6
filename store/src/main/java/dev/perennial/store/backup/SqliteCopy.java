package dev.perennial.store.backup;

import dev.perennial.kernel.PerennialException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Copies a SQLite file by {@code VACUUM INTO}, which reads one snapshot while the server writes on. Cost: one pass over the database; the
 * server's write-ahead log is not cut back meanwhile.
 */
final class SqliteCopy implements DatabaseCopy {
    static final String FILE = "perennial.db";

    private final Path database;

    SqliteCopy(Path database) {
        this.database = database;
    }

    @Override
    public String dialect() {
        return "SQLITE";
    }

    @Override
    public Content write(Path folder) throws IOException {
        Path target = folder.resolve(FILE);
        if (!Files.isRegularFile(database)) {
            throw PerennialException.notFound(
                    "there is no database " + database
                            + "; name the data directory of a server with --data-dir, or its database-url when it uses PostgreSQL");
        }
        try (Connection connection =
                        DriverManager.getConnection("jdbc:sqlite:" + database + "?open_mode=1&busy_timeout=30000");
                Statement statement = connection.createStatement()) {
            statement.execute("vacuum into '" + target.toString().replace("'", "''") + "'");
        } catch (SQLException e) {
            throw PerennialException.internal("the database " + database + " cannot be copied: " + e.getMessage(), e);
        }
        Copies.forceFile(target);
        return inspect(target);
    }

    /** Checks a copy from the first page to the last and reads what it holds. */
    static Content inspect(Path copy) {
        try (Connection connection =
                        DriverManager.getConnection("jdbc:sqlite:" + copy.toUri() + "?immutable=1&open_mode=65");
                Statement statement = connection.createStatement()) {
            List<String> found = strings(statement, "pragma integrity_check(1)");
            if (!found.equals(List.of("ok"))) {
                throw PerennialException.state(copy + " is damaged: " + found);
            }
            Set<String> blobs = new TreeSet<>();
            for (String table : strings(
                    statement,
                    "select m.name from sqlite_schema m join pragma_table_info(m.name) c on c.name = 'blob'"
                            + " where m.type = 'table'")) {
                blobs.addAll(strings(statement, "select distinct blob from \"" + table + "\" where blob is not null"));
            }
            return new Content(
                    String.join(
                            "",
                            strings(
                                    statement,
                                    "select version from flyway_schema_history where version is not null"
                                            + " order by installed_rank desc limit 1")),
                    blobs,
                    List.of(Path.of(FILE)));
        } catch (SQLException e) {
            throw PerennialException.state(copy + " is damaged: " + e.getMessage());
        }
    }

    private static List<String> strings(Statement statement, String sql) throws SQLException {
        List<String> result = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                result.add(String.valueOf(rows.getString(1)));
            }
        }
        return result;
    }
}
