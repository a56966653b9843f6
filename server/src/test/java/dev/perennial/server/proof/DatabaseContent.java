package dev.perennial.server.proof;

import dev.perennial.kernel.Digest;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What a database holds: by table, its number of rows and a digest of all of them. */
final class DatabaseContent {
    /** Signs of life of scorers: they change whatever anybody asks. */
    private static final Set<String> RESTLESS = Set.of("scorer");

    private DatabaseContent() {}

    static Map<String, String> of(Path data) throws SQLException {
        Map<String, String> content = new TreeMap<>();
        try (Connection connection =
                        DriverManager.getConnection("jdbc:sqlite:file:" + data.resolve("perennial.db") + "?mode=ro");
                ResultSet tables = connection
                        .createStatement()
                        .executeQuery(
                                "select name from sqlite_master where type = 'table' and name not like 'sqlite%' order by name")) {
            while (tables.next()) {
                String table = tables.getString(1);
                if (!RESTLESS.contains(table)) {
                    content.put(table, rows(connection, table));
                }
            }
        }
        return content;
    }

    private static String rows(Connection connection, String table) throws SQLException {
        StringBuilder all = new StringBuilder();
        int count = 0;
        try (ResultSet rows = connection.createStatement().executeQuery("select * from \"" + table + "\"")) {
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                count++;
                for (int i = 1; i <= columns; i++) {
                    Object value = rows.getObject(i);
                    all.append(value instanceof byte[] bytes ? Digest.of(bytes) : value)
                            .append('|');
                }
            }
        }
        return count + " rows, " + Digest.of(all.toString());
    }
}
