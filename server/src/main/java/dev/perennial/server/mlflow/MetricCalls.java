package dev.perennial.server.mlflow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.governance.Right;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.tracking.HistoryPage;
import dev.perennial.tracking.Metric;
import dev.perennial.tracking.MetricSample;
import dev.perennial.tracking.TrackingRuns;
import java.util.ArrayList;
import java.util.List;

/** The calls under {@code metrics/}. */
final class MetricCalls {
    private static final int BULK_MAX = 25_000;
    private static final int BULK_RUNS_MAX = 100;

    /** This client fails on a second page, so it gets all in one. */
    private static final String WITHOUT_PAGES = "mlflow-java-client";

    private final TrackingRuns runs;

    MetricCalls(TrackingRuns runs) {
        this.runs = runs;
    }

    void register(Calls calls) {
        calls.on("GET 2.0 metrics/get-history", Need.run(Right.READ), this::history);
        calls.on("GET 2.0 metrics/get-history-bulk", Need.each(Right.READ), asked -> bulk(asked.fields()));
        calls.on("GET 2.0 metrics/get-history-bulk-interval", Need.each(Right.READ), asked -> sample(asked.fields()));
    }

    private ObjectNode history(Call.Asked asked) {
        Fields fields = asked.fields();
        int limit = fields.integer("max_results", 1, HistoryPage.LIMIT_MAX, HistoryPage.LIMIT_MAX);
        HistoryPage page = new HistoryPage(
                asked.userAgent().startsWith(WITHOUT_PAGES) ? HistoryPage.LIMIT_MAX : limit, fields.text("page_token"));
        return Wire.page("metrics", runs.history(fields.runId(), fields.required("metric_key"), page), Wire::metric);
    }

    private record OfRun(String run, Metric metric) {
        ObjectNode wire() {
            return Wire.metric(metric).put("run_id", run);
        }
    }

    private ObjectNode sample(Fields fields) {
        MetricSample asked = new MetricSample(
                fields.runIds("run_ids"),
                fields.required("metric_key"),
                fields.integer("start_step"),
                fields.integer("end_step"),
                fields.integer("max_results", 1, MetricSample.STEPS_MAX, MetricSample.STEPS_MAX));
        List<OfRun> metrics = runs.sample(asked).stream()
                .flatMap(run -> run.metrics().stream().map(metric -> new OfRun(run.run(), metric)))
                .toList();
        ObjectNode node = Json.object();
        Wire.putList(node, "metrics", metrics, OfRun::wire);
        return node;
    }

    private ObjectNode bulk(Fields fields) {
        List<String> ids = fields.runIds("run_id");
        if (ids.isEmpty() || ids.size() > BULK_RUNS_MAX) {
            throw PerennialException.invalid(
                    "run_id", "1 to " + BULK_RUNS_MAX + " run ids are expected in 'run_id', got " + ids.size());
        }
        String key = fields.required("metric_key");
        int left = fields.integer("max_results", 1, BULK_MAX, BULK_MAX);
        List<OfRun> metrics = new ArrayList<>();
        for (String run : ids.stream().distinct().sorted().toList()) {
            if (metrics.size() < left) {
                runs.history(run, key, new HistoryPage(left - metrics.size(), null))
                        .items()
                        .forEach(metric -> metrics.add(new OfRun(run, metric)));
            }
        }
        ObjectNode node = Json.object();
        Wire.putList(node, "metrics", metrics, OfRun::wire);
        return node;
    }
}
