package dev.perennial.bench;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes many runs straight into the tables of either server while it is down, because through the wire MLflow would take an hour. Only
 * tables that the server itself made, with the rows that it would have made.
 */
final class SeedTables implements AutoCloseable {
    private static final int CHUNK = 5000;

    private final Connection connection;
    private final Map<String, PreparedStatement> inserts = new LinkedHashMap<>();

    private SeedTables(Connection connection) {
        this.connection = connection;
    }

    /** Fills a database of ours or of MLflow with runs of the default experiment. */
    static void fill(String url, boolean ours, int runs) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                SeedTables tables = new SeedTables(connection)) {
            connection.setAutoCommit(false);
            for (int i = 1; i <= runs; i++) {
                SeedRun run = SeedRun.of(i);
                if (ours) {
                    tables.ours(run);
                } else {
                    tables.mlflow(run);
                }
                if (i % CHUNK == 0 || i == runs) {
                    tables.flush();
                }
            }
        }
    }

    private void ours(SeedRun run) throws SQLException {
        row("tracked_run", run.number(), run.id(), 0, run.name(), "bench", run.status(), run.startedAt(), run.endedAt(),
                "mlflow-artifacts:/0/" + run.id() + "/artifacts", "active", 0);
        for (Map.Entry<String, Double> metric : run.metrics().entrySet()) {
            boolean nan = metric.getValue().isNaN();
            double value = nan ? 0 : metric.getValue();
            Object[] row = {run.number(), 0, run.endedAt(), metric.getKey(), value, nan ? 1 : 0};
            row("run_metric (run, step, at, key, value, value_nan)", row);
            row("run_metric_latest (run, step, at, key, value, value_nan)", row);
        }
        pairs("run_param", run.number(), run.params());
        pairs("run_tag", run.number(), run.tags());
        row("run_metric_unranked", run.number());
    }

    private void pairs(String table, Object owner, Map<String, String> pairs) throws SQLException {
        for (Map.Entry<String, String> pair : pairs.entrySet()) {
            row(table, owner, pair.getKey(), pair.getValue());
        }
    }

    private void mlflow(SeedRun run) throws SQLException {
        row("runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, end_time,"
                        + " source_version, lifecycle_stage, artifact_uri, experiment_id)",
                run.id(), run.name(), "UNKNOWN", "", "", "bench", run.status(), run.startedAt(), run.endedAt(), "",
                "active", "mlflow-artifacts:/0/" + run.id() + "/artifacts", 0);
        for (Map.Entry<String, Double> metric : run.metrics().entrySet()) {
            boolean nan = metric.getValue().isNaN();
            double value = nan ? 0 : metric.getValue();
            Object[] row = {metric.getKey(), value, run.endedAt(), run.id(), 0, nan ? 1 : 0};
            row("metrics (key, value, timestamp, run_uuid, step, is_nan)", row);
            row("latest_metrics (key, value, timestamp, run_uuid, step, is_nan)", row);
        }
        for (String table : List.of("params", "tags")) {
            Map<String, String> pairs = table.equals("params") ? run.params() : run.tags();
            for (Map.Entry<String, String> pair : pairs.entrySet()) {
                row(table + " (run_uuid, key, value)", run.id(), pair.getKey(), pair.getValue());
            }
        }
    }

    private void row(String table, Object... values) throws SQLException {
        PreparedStatement insert = inserts.get(table);
        if (insert == null) {
            insert = connection.prepareStatement(
                    "insert into " + table + " values (?" + ", ?".repeat(values.length - 1) + ")");
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
