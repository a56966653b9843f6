package dev.perennial.bench;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** Writes many runs into our PostgreSQL by COPY, one stream for each table at the same time. */
final class SeedCopy {
    /** Starts a COPY. */
    @FunctionalInterface
    interface Starter {
        Process start(String statement) throws IOException;
    }

    /** A running COPY. */
    private record Stream(Process process, BufferedWriter rows) {}

    private static final Map<String, String> COLUMNS = Map.of(
            "tracked_run",
            "(number, id, experiment, name, user_id, status, started_at, ended_at, artifact_uri, stage, deleted_with_experiment)",
            "run_metric",
            "(run, step, at, key, value, value_nan)",
            "run_metric_latest",
            "(run, step, at, key, value, value_nan)",
            "run_param",
            "(run, key, value)",
            "run_tag",
            "(run, key, value)",
            "run_metric_unranked",
            "(run)");

    private final Map<String, Stream> streams = new LinkedHashMap<>();

    private SeedCopy() {}

    /** Writes the runs with these numbers. */
    static void fill(Starter starter, int first, int last) throws IOException {
        fill(starter, first, last, 1);
    }

    /**
     * @param steps of every metric
     */
    static void fill(Starter starter, int first, int last, int steps) throws IOException {
        SeedCopy copy = new SeedCopy();
        for (Map.Entry<String, String> table : COLUMNS.entrySet()) {
            Process process = starter.start("copy " + table.getKey() + " " + table.getValue() + " from stdin");
            copy.streams.put(
                    table.getKey(),
                    new Stream(
                            process,
                            new BufferedWriter(
                                    new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8), 1 << 16)));
        }
        for (int i = first; i <= last; i++) {
            copy.run(SeedRun.of(i), steps);
        }
        copy.finish();
    }

    private void run(SeedRun run, int steps) throws IOException {
        row("tracked_run", run.number(), run.id(), 0, run.name(), "bench", run.status(), run.startedAt(), run.endedAt(),
                "mlflow-artifacts:/0/" + run.id() + "/artifacts", "active", 0);
        for (Map.Entry<String, Double> metric : run.metrics().entrySet()) {
            int nan = metric.getValue().isNaN() ? 1 : 0;
            double value = nan == 1 ? 0 : metric.getValue();
            for (int step = 0; step < steps; step++) {
                row("run_metric", run.number(), step, run.endedAt() + step, metric.getKey(), value, nan);
            }
            row("run_metric_latest", run.number(), steps - 1, run.endedAt() + steps - 1, metric.getKey(), value, nan);
        }
        pairs("run_param", run, SeedRun::params);
        pairs("run_tag", run, SeedRun::tags);
        row("run_metric_unranked", run.number());
    }

    private void pairs(String table, SeedRun run, Function<SeedRun, Map<String, String>> pairs) throws IOException {
        for (Map.Entry<String, String> pair : pairs.apply(run).entrySet()) {
            row(table, run.number(), pair.getKey(), pair.getValue());
        }
    }

    private void row(String table, Object... cells) throws IOException {
        Stream stream = streams.get(table);
        if (stream == null) {
            throw new UncheckedIOException(new IOException("no stream for " + table));
        }
        for (int i = 0; i < cells.length; i++) {
            stream.rows().write((i == 0 ? "" : "\t") + cells[i]);
        }
        stream.rows().write('\n');
    }

    private void finish() throws IOException {
        for (Stream stream : streams.values()) {
            stream.rows().close();
            try {
                if (stream.process().waitFor() != 0) {
                    throw new IOException("a COPY failed");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
    }
}
