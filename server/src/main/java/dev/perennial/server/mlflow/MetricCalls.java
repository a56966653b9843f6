package dev.perennial.server.mlflow;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.perennial.governance.Right;
import dev.perennial.kernel.Page;
import dev.perennial.kernel.PerennialException;
import dev.perennial.tracking.HistoryPage;
import dev.perennial.tracking.Metric;
import dev.perennial.tracking.MetricSample;
import dev.perennial.tracking.TrackingRuns;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
        calls.text(
                "GET 2.0 metrics/get-history",
                Need.run(Right.READ),
                (asked, answer) -> WireText.page(answer, "metrics", history(asked), WireText::metric));
        calls.text(
                "GET 2.0 metrics/get-history-bulk",
                Need.each(Right.READ),
                (asked, answer) -> told(answer, bulk(asked.fields())));
        calls.text(
                "GET 2.0 metrics/get-history-bulk-interval",
                Need.each(Right.READ),
                (asked, answer) -> told(answer, sample(asked.fields())));
    }

    private Page<Metric> history(Call.Asked asked) {
        Fields fields = asked.fields();
        int limit = fields.integer("max_results", 1, HistoryPage.LIMIT_MAX, HistoryPage.LIMIT_MAX);
        HistoryPage page = new HistoryPage(
                asked.userAgent().startsWith(WITHOUT_PAGES) ? HistoryPage.LIMIT_MAX : limit, fields.text("page_token"));
        return runs.history(fields.runId(), fields.required("metric_key"), page);
    }

    private record OfRun(String run, Metric metric) {}

    private static void told(JsonGenerator answer, List<OfRun> metrics) throws IOException {
        WireText.page(
                answer,
                "metrics",
                new Page<>(metrics, Optional.empty()),
                (to, one) -> WireText.metric(to, one.run(), one.metric()));
    }

    private List<OfRun> sample(Fields fields) {
        MetricSample asked = new MetricSample(
                fields.runIds("run_ids"),
                fields.required("metric_key"),
                fields.integer("start_step"),
                fields.integer("end_step"),
                fields.integer("max_results", 1, MetricSample.STEPS_MAX, MetricSample.STEPS_MAX));
        List<OfRun> metrics = new ArrayList<>();
        for (MetricSample.OfRun run : runs.sample(asked)) {
            run.metrics().forEach(metric -> metrics.add(new OfRun(run.run(), metric)));
        }
        return metrics;
    }

    private List<OfRun> bulk(Fields fields) {
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
        return metrics;
    }
}
