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

    private static void told(JsonGenerator answer, List<MetricSample.OfRun> runs) throws IOException {
        answer.writeStartObject();
        if (runs.stream().anyMatch(run -> !run.metrics().isEmpty())) {
            answer.writeArrayFieldStart("metrics");
            for (MetricSample.OfRun run : runs) {
                for (Metric metric : run.metrics()) {
                    WireText.metric(answer, run.run(), metric);
                }
            }
            answer.writeEndArray();
        }
        answer.writeEndObject();
    }

    private List<MetricSample.OfRun> sample(Fields fields) {
        return runs.sample(new MetricSample(
                fields.runIds("run_ids"),
                fields.required("metric_key"),
                fields.integer("start_step"),
                fields.integer("end_step"),
                fields.integer("max_results", 1, MetricSample.STEPS_MAX, MetricSample.STEPS_MAX)));
    }

    private List<MetricSample.OfRun> bulk(Fields fields) {
        List<String> ids = fields.runIds("run_id");
        if (ids.isEmpty() || ids.size() > BULK_RUNS_MAX) {
            throw PerennialException.invalid(
                    "run_id", "1 to " + BULK_RUNS_MAX + " run ids are expected in 'run_id', got " + ids.size());
        }
        String key = fields.required("metric_key");
        int left = fields.integer("max_results", 1, BULK_MAX, BULK_MAX);
        List<MetricSample.OfRun> all = new ArrayList<>();
        for (String run : ids.stream().distinct().sorted().toList()) {
            if (left > 0) {
                List<Metric> metrics =
                        runs.history(run, key, new HistoryPage(left, null)).items();
                left -= metrics.size();
                all.add(new MetricSample.OfRun(run, metrics));
            }
        }
        return all;
    }
}
