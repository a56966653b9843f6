package dev.perennial.bench;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes many runs straight into the SQLite of either server while it is down, because through the wire MLflow would take an hour. */
final class SeedTables implements AutoCloseable {
    private static final int CHUNK = 5000;

    private final Connection connection;
    private final Map<String, PreparedStatement> inserts = new LinkedHashMap<>();

    private SeedTables(Connection connection) {
        this.connection = connection;
    }

    /** Fills a database of ours or of MLflow with runs of the default experiment. */
    static void fill(String url, boolean ours, int runs) throws IOException, SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                SeedTables tables = new SeedTables(connection)) {
            connection.setAutoCommit(false);
            for (int i = 1; i <= runs; i++) {
                if (ours) {
                    SeedRows.ours(SeedRun.of(i), 1, tables::row);
                } else {
                    SeedRows.mlflow(SeedRun.of(i), tables::row);
                }
                if (i % CHUNK == 0 || i == runs) {
                    tables.flush();
                }
            }
        }
    }

    private void row(String table, String columns, Object... values) throws SQLException {
        PreparedStatement insert = inserts.get(table);
        if (insert == null) {
            insert = connection.prepareStatement(
                    "insert into " + table + " (" + columns + ") values (?" + ", ?".repeat(values.length - 1) + ")");
            inserts.put(table, insert);
        }
        for (int i = 0; i < values.length; i++) {
            insert.setObject(i + 1, values[i]);
        }
        insert.addBatch();
    }

    private void flush() throws SQLException {
        for (PreparedStatement insert : new ArrayList<>(inserts.values())) {
            insert.executeBatch();
        }
        connection.commit();
    }

    @Override
    public void close() throws SQLException {
        for (PreparedStatement insert : inserts.values()) {
            insert.close();
        }
    }
}
