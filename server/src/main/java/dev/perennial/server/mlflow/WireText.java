package dev.perennial.server.mlflow;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.perennial.kernel.Page;
import dev.perennial.tracking.KeyValue;
import dev.perennial.tracking.Metric;
import dev.perennial.tracking.MetricOrigin;
import dev.perennial.tracking.RunInfo;
import dev.perennial.tracking.TrackedRun;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Runs and metrics as MLflow's messages, written without a tree of nodes, because the longest answers are made of them. */
final class WireText {
    private WireText() {}

    /** Writes one message. */
    @FunctionalInterface
    interface Message<T> {
        void write(JsonGenerator to, T item) throws IOException;
    }

    /** A page of a list; an empty list is left out. */
    static <T> void page(JsonGenerator to, String name, Page<T> page, Message<T> message) throws IOException {
        to.writeStartObject();
        list(to, name, page.items(), message);
        Optional<String> next = page.next();
        if (next.isPresent()) {
            to.writeStringField("next_page_token", next.get());
        }
        to.writeEndObject();
    }

    /** A member that is a list; an empty one is left out. */
    private static <T> void list(JsonGenerator to, String name, List<T> items, Message<T> message) throws IOException {
        if (items.isEmpty()) {
            return;
        }
        to.writeArrayFieldStart(name);
        for (T item : items) {
            message.write(to, item);
        }
        to.writeEndArray();
    }

    /** An object of one member. */
    static <T> void wrapped(JsonGenerator to, String name, T item, Message<T> message) throws IOException {
        to.writeStartObject();
        to.writeFieldName(name);
        message.write(to, item);
        to.writeEndObject();
    }

    static void run(JsonGenerator to, TrackedRun run) throws IOException {
        to.writeStartObject();
        to.writeFieldName("info");
        info(to, run.info());
        to.writeObjectFieldStart("data");
        list(to, "metrics", run.metrics(), WireText::metric);
        list(to, "params", run.params(), WireText::pair);
        list(to, "tags", run.tags(), WireText::pair);
        to.writeEndObject();
        to.writeFieldName("inputs");
        to.writeTree(Wire.inputs(run));
        to.writeFieldName("outputs");
        to.writeTree(Wire.outputs(run));
        to.writeEndObject();
    }

    static void info(JsonGenerator to, RunInfo run) throws IOException {
        to.writeStartObject();
        to.writeStringField("run_id", run.id());
        to.writeStringField("run_uuid", run.id());
        to.writeStringField("run_name", run.name());
        to.writeStringField("experiment_id", String.valueOf(run.experiment()));
        to.writeStringField("user_id", run.user());
        to.writeStringField("status", run.status().name());
        to.writeStringField("artifact_uri", run.artifactUri());
        to.writeStringField("lifecycle_stage", run.stage().text());
        time(to, "start_time", run.startedAt());
        time(to, "end_time", run.endedAt());
        to.writeEndObject();
    }

    private static void time(JsonGenerator to, String name, @Nullable Long time) throws IOException {
        if (time != null) {
            to.writeNumberField(name, time);
        }
    }

    static void metric(JsonGenerator to, Metric metric) throws IOException {
        to.writeStartObject();
        members(to, metric);
        to.writeEndObject();
    }

    /** A metric of several runs. */
    static void metric(JsonGenerator to, String run, Metric metric) throws IOException {
        to.writeStartObject();
        members(to, metric);
        to.writeStringField("run_id", run);
        to.writeEndObject();
    }

    /** Infinities and NaN are texts, as clients of MLflow know them. */
    private static void members(JsonGenerator to, Metric metric) throws IOException {
        to.writeStringField("key", metric.key());
        if (Double.isFinite(metric.value())) {
            to.writeNumberField("value", metric.value());
        } else {
            to.writeStringField("value", Double.toString(metric.value()));
        }
        to.writeNumberField("timestamp", metric.at());
        to.writeNumberField("step", metric.step());
        MetricOrigin origin = metric.origin();
        if (origin != null) {
            filled(to, "model_id", origin.model());
            filled(to, "dataset_name", origin.datasetName());
            filled(to, "dataset_digest", origin.datasetDigest());
        }
    }

    private static void filled(JsonGenerator to, String name, @Nullable String text) throws IOException {
        if (text != null) {
            to.writeStringField(name, text);
        }
    }

    static void pair(JsonGenerator to, KeyValue pair) throws IOException {
        to.writeStartObject();
        to.writeStringField("key", pair.key());
        to.writeStringField("value", pair.value());
        to.writeEndObject();
    }
}
