package dev.perennial.bench;

import java.io.IOException;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What a run is in the tables of either server: only tables that the server itself made, with the rows that it would have made. */
final class SeedRows {
    /** Columns of the tables of ours. */
    static final Map<String, String> OURS = ours();

    private static final Map<String, String> MLFLOW = mlflow();

    private SeedRows() {}

    /** Takes rows, for instance into a statement. */
    @FunctionalInterface
    interface Sink {
        void row(String table, String columns, Object... values) throws IOException, SQLException;
    }

    private static Map<String, String> ours() {
        Map<String, String> columns = new LinkedHashMap<>();
        columns.put(
                "tracked_run",
                "number, id, experiment, name, user_id, status, started_at, ended_at, artifact_uri, stage,"
                        + " deleted_with_experiment");
        columns.put("run_metric", "run, step, at, key, value, value_nan");
        columns.put("run_metric_latest", "run, step, at, key, value, value_nan");
        columns.put("run_param", "run, key, value");
        columns.put("run_tag", "run, key, value");
        columns.put("run_metric_unranked", "run");
        return columns;
    }

    private static Map<String, String> mlflow() {
        return Map.of(
                "runs",
                "run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, end_time,"
                        + " source_version, lifecycle_stage, artifact_uri, experiment_id",
                "metrics",
                "key, value, timestamp, run_uuid, step, is_nan",
                "latest_metrics",
                "key, value, timestamp, run_uuid, step, is_nan",
                "params",
                "run_uuid, key, value",
                "tags",
                "run_uuid, key, value");
    }

    /**
     * A run of ours.
     *
     * @param points of every metric, all of the same value
     */
    static void ours(SeedRun run, int points, Sink sink) throws IOException, SQLException {
        Sink known = (table, ignored, values) -> sink.row(table, Objects.requireNonNull(OURS.get(table)), values);
        known.row(
                "tracked_run",
                "",
                run.number(),
                run.id(),
                0,
                run.name(),
                "bench",
                run.status(),
                run.startedAt(),
                run.endedAt(),
                folder(run),
                "active",
                0);
        for (Map.Entry<String, Double> metric : run.metrics().entrySet()) {
            int nan = metric.getValue().isNaN() ? 1 : 0;
            double value = nan == 1 ? 0 : metric.getValue();
            for (int step = 0; step < points; step++) {
                known.row("run_metric", "", run.number(), step, run.endedAt() + step, metric.getKey(), value, nan);
            }
            int last = points - 1;
            known.row("run_metric_latest", "", run.number(), last, run.endedAt() + last, metric.getKey(), value, nan);
        }
        for (Map.Entry<String, String> pair : run.params().entrySet()) {
            known.row("run_param", "", run.number(), pair.getKey(), pair.getValue());
        }
        for (Map.Entry<String, String> pair : run.tags().entrySet()) {
            known.row("run_tag", "", run.number(), pair.getKey(), pair.getValue());
        }
        known.row("run_metric_unranked", "", run.number());
    }

    /** The same run of MLflow. */
    static void mlflow(SeedRun run, Sink sink) throws IOException, SQLException {
        Sink known = (table, ignored, values) -> sink.row(table, Objects.requireNonNull(MLFLOW.get(table)), values);
        known.row(
                "runs",
                "",
                run.id(),
                run.name(),
                "UNKNOWN",
                "",
                "",
                "bench",
                run.status(),
                run.startedAt(),
                run.endedAt(),
                "",
                "active",
                folder(run),
                0);
        for (Map.Entry<String, Double> metric : run.metrics().entrySet()) {
            boolean nan = metric.getValue().isNaN();
            Object[] row = {metric.getKey(), nan ? 0 : metric.getValue(), run.endedAt(), run.id(), 0, nan ? 1 : 0};
            for (String table : List.of("metrics", "latest_metrics")) {
                known.row(table, "", row);
            }
        }
        for (Map.Entry<String, String> pair : run.params().entrySet()) {
            known.row("params", "", run.id(), pair.getKey(), pair.getValue());
        }
        for (Map.Entry<String, String> pair : run.tags().entrySet()) {
            known.row("tags", "", run.id(), pair.getKey(), pair.getValue());
        }
    }

    private static String folder(SeedRun run) {
        return "mlflow-artifacts:/0/" + run.id() + "/artifacts";
    }
}
