package dev.perennial.server.mlflow;

import dev.perennial.kernel.Page;
import dev.perennial.tracking.KeyValue;
import dev.perennial.tracking.Metric;
import dev.perennial.tracking.MetricOrigin;
import dev.perennial.tracking.RunInfo;
import dev.perennial.tracking.TrackedRun;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The same messages as those of {@link Wire}, written straight as text: what long answers are made of. */
final class WireText {
    private WireText() {}

    /** A page of a list; an empty list is left out. */
    static <T> void page(JsonText to, String name, Page<T> page, BiConsumer<JsonText, T> item) {
        Optional<String> next = page.next();
        list(to.raw("{"), name, page.items(), item);
        next.ifPresent(token -> to.raw(page.items().isEmpty() ? "" : ",")
                .raw("\"next_page_token\":")
                .text(token));
        to.raw("}");
    }

    /** A member of an object that is a list; an empty list is left out. Returns whether there was any. */
    private static <T> boolean list(JsonText to, String name, List<T> items, BiConsumer<JsonText, T> item) {
        if (items.isEmpty()) {
            return false;
        }
        to.raw("\"").raw(name).raw("\":[");
        boolean first = true;
        for (T one : items) {
            if (!first) {
                to.raw(",");
            }
            first = false;
            item.accept(to, one);
            to.pass();
        }
        to.raw("]");
        return true;
    }

    static void run(JsonText to, TrackedRun run) {
        info(to.raw("{\"info\":"), run.info());
        to.raw(",\"data\":{");
        boolean any = list(to, "metrics", run.metrics(), WireText::metric);
        to.raw(any && !run.params().isEmpty() ? "," : "");
        any |= list(to, "params", run.params(), WireText::pair);
        to.raw(any && !run.tags().isEmpty() ? "," : "");
        list(to, "tags", run.tags(), WireText::pair);
        if (run.inputs().isEmpty() && run.modelInputs().isEmpty() && run.outputs().isEmpty()) {
            to.raw("},\"inputs\":{},\"outputs\":{}}");
        } else {
            to.raw("},\"inputs\":").node(Wire.inputs(run));
            to.raw(",\"outputs\":").node(Wire.outputs(run)).raw("}");
        }
    }

    private static void info(JsonText to, RunInfo run) {
        to.raw("{\"run_id\":").text(run.id());
        to.raw(",\"run_uuid\":").text(run.id());
        to.raw(",\"run_name\":").text(run.name());
        to.raw(",\"experiment_id\":\"").whole(run.experiment());
        to.raw("\",\"user_id\":").text(run.user());
        to.raw(",\"status\":\"").raw(run.status().name());
        to.raw("\",\"artifact_uri\":").text(run.artifactUri());
        to.raw(",\"lifecycle_stage\":\"").raw(run.stage().text()).raw("\"");
        time(to, ",\"start_time\":", run.startedAt());
        time(to, ",\"end_time\":", run.endedAt());
        to.raw("}");
    }

    private static void time(JsonText to, String member, @Nullable Long time) {
        if (time != null) {
            to.raw(member).whole(time);
        }
    }

    static void metric(JsonText to, Metric metric) {
        open(to, metric).raw("}");
    }

    /** A metric of several runs. */
    static void metric(JsonText to, String run, Metric metric) {
        open(to, metric).raw(",\"run_id\":").text(run).raw("}");
    }

    private static JsonText open(JsonText to, Metric metric) {
        to.raw("{\"key\":").text(metric.key());
        to.raw(",\"value\":").real(metric.value());
        to.raw(",\"timestamp\":").whole(metric.at());
        to.raw(",\"step\":").whole(metric.step());
        MetricOrigin origin = metric.origin();
        if (origin != null) {
            filled(to, ",\"model_id\":", origin.model());
            filled(to, ",\"dataset_name\":", origin.datasetName());
            filled(to, ",\"dataset_digest\":", origin.datasetDigest());
        }
        return to;
    }

    private static void filled(JsonText to, String member, @Nullable String text) {
        if (text != null) {
            to.raw(member).text(text);
        }
    }

    static void pair(JsonText to, KeyValue pair) {
        to.raw("{\"key\":").text(pair.key()).raw(",\"value\":").text(pair.value()).raw("}");
    }
}
