package dev.perennial.store.backup;

import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.store.StoreSettings;
import dev.perennial.store.ledger.Ledger;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
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
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.postgresql.PGConnection;

/**
 * Copies a PostgreSQL database as the text of {@code COPY}, a file for each table, within one repeatable-read snapshot; nothing but the
 * driver is needed. Beside them lies an export of the ledger as of the same moment, which the independent verifier reads.
 */
final class PostgresCopy implements DatabaseCopy {
    static final String TABLES = "tables";
    static final String LIST = "tables.json";
    static final String ENDING = ".copy";

    private final StoreSettings source;

    PostgresCopy(StoreSettings source) {
        this.source = source;
    }

    /**
     * What the files hold.
     *
     * @param versions of the tables that had been applied
     */
    record Tables(List<String> versions, List<Table> tables) {
        Tables {
            versions = List.copyOf(versions);
            tables = List.copyOf(tables);
        }
    }

    /** Parents stand before the tables that refer to them. */
    record Table(String name, List<String> columns) {
        Table {
            columns = List.copyOf(columns);
        }

        String sql() {
            return "\"" + name + "\" (\"" + String.join("\", \"", columns) + "\")";
        }
    }

    @Override
    public String dialect() {
        return "POSTGRESQL";
    }

    static Connection connect(StoreSettings settings) throws SQLException {
        return DriverManager.getConnection(settings.url().orElseThrow(), settings.user(), settings.password());
    }

    @Override
    public Content write(Path folder) throws IOException {
        try (Connection connection = connect(source)) {
            connection.setReadOnly(true);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            connection.setAutoCommit(false);
            Tables tables = new Tables(versions(connection), ordered(connection));
            if (tables.versions().isEmpty()) {
                throw PerennialException.notFound("the database " + source.url().orElseThrow()
                        + " was never used by a server; check database-url");
            }
            Copies.folder(folder.resolve(TABLES));
            for (Table table : tables.tables()) {
                copyOut(connection, table, folder.resolve(TABLES).resolve(table.name() + ENDING));
            }
            Path list = folder.resolve(LIST);
            Files.writeString(list, Json.write(tables), StandardCharsets.UTF_8);
            Copies.forceFile(list);
            try (Handle handle = Jdbi.create(() -> connection).open()) {
                Ledger.exportTo(
                        folder.resolve("ledger"), handle, source.dataDir().resolve("keys"));
                return new Content(tables.versions().getLast(), blobs(handle, tables), files(folder));
            }
        } catch (SQLException e) {
            throw PerennialException.internal(
                    "the database " + source.url().orElseThrow() + " cannot be copied: " + e.getMessage(), e);
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        List<Path> files = new ArrayList<>();
        for (String part : List.of(TABLES, LIST, "ledger")) {
            try (Stream<Path> found = Files.walk(folder.resolve(part))) {
                for (Path file : found.filter(Files::isRegularFile).toList()) {
                    Copies.forceFile(file);
                    files.add(folder.relativize(file));
                }
            }
        }
        return files;
    }

    private static void copyOut(Connection connection, Table table, Path file) throws SQLException, IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            connection.unwrap(PGConnection.class).getCopyAPI().copyOut("copy " + table.sql() + " to stdout", out);
        }
    }

    private static Set<String> blobs(Handle sql, Tables tables) {
        Set<String> blobs = new TreeSet<>();
        for (Table table : tables.tables()) {
            if (table.columns().contains("blob")) {
                sql.createQuery("select distinct blob from \"" + table.name() + "\" where blob is not null")
                        .mapTo(String.class)
                        .forEach(blobs::add);
            }
        }
        return blobs;
    }

    /** Oldest first; none when there is no history of versions. */
    private static List<String> versions(Connection connection) throws SQLException {
        return strings(connection, "select to_regclass('flyway_schema_history')::text")
                        .contains("null")
                ? List.of()
                : strings(
                        connection,
                        "select version from flyway_schema_history where version is not null and success"
                                + " order by string_to_array(version, '.')::int[]");
    }

    private static List<Table> ordered(Connection connection) throws SQLException {
        List<String> left = new ArrayList<>(
                strings(
                        connection,
                        "select table_name from information_schema.tables where table_schema = current_schema()"
                                + " and table_type = 'BASE TABLE' and table_name <> 'flyway_schema_history' order by table_name"));
        List<Table> ordered = new ArrayList<>();
        Set<String> done = new TreeSet<>();
        while (!left.isEmpty()) {
            int before = left.size();
            for (String name : List.copyOf(left)) {
                if (done.containsAll(parents(connection, name))) {
                    ordered.add(new Table(name, columns(connection, name)));
                    done.add(name);
                    left.remove(name);
                }
            }
            if (left.size() == before) {
                throw PerennialException.state("the tables " + left + " refer to each other in a circle");
            }
        }
        return ordered;
    }

    private static List<String> parents(Connection connection, String table) throws SQLException {
        return strings(
                connection,
                "select distinct confrelid::regclass::text from pg_constraint where contype = 'f'"
                        + " and conrelid = '\"" + table + "\"'::regclass and confrelid <> conrelid");
    }

    private static List<String> columns(Connection connection, String table) throws SQLException {
        return strings(
                connection,
                "select column_name from information_schema.columns where table_schema = current_schema()"
                        + " and table_name = '" + table + "' order by ordinal_position");
    }

    static List<String> strings(Connection connection, String sql) throws SQLException {
        List<String> result = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                result.add(String.valueOf(rows.getString(1)));
            }
        }
        return result;
    }
}
