package dev.perennial.server.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.governance.Right;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.Page;
import dev.perennial.kernel.PerennialException;
import dev.perennial.tracking.Batch;
import dev.perennial.tracking.Dataset;
import dev.perennial.tracking.DatasetInput;
import dev.perennial.tracking.Experiment;
import dev.perennial.tracking.KeyValue;
import dev.perennial.tracking.Metric;
import dev.perennial.tracking.MetricOrigin;
import dev.perennial.tracking.ModelOutput;
import dev.perennial.tracking.NewRun;
import dev.perennial.tracking.RunInfo;
import dev.perennial.tracking.RunStatus;
import dev.perennial.tracking.TrackedRun;
import dev.perennial.tracking.TrackingRuns;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The calls under {@code runs/}. */
final class RunCalls {
    /** Key, value, timestamp and step; there is no need to look for more in most values. */
    private static final int PLAIN_METRIC_FIELDS = 4;

    /** A table of more rows asks for a filter; it could not be scrolled. */
    private static final int OFFSET_MAX = 1_000_000;

    private static final String MODELS_TAG = "mlflow.log-model.history";
    private static final List<String> MODEL_MEMBERS = List.of("artifact_path", "flavors", "utc_time_created", "run_id");

    private final TrackingRuns runs;

    RunCalls(TrackingRuns runs) {
        this.runs = runs;
    }

    void register(Calls calls) {
        calls.text(
                "POST 2.0 runs/create",
                Need.experiment(Right.EDIT),
                (asked, answer) -> WireText.wrapped(answer, "run", create(asked.fields()), WireText::run));
        calls.text(
                "GET 2.0 runs/get",
                Need.run(Right.READ),
                (asked, answer) ->
                        WireText.wrapped(answer, "run", runs.get(asked.fields().runId()), WireText::run));
        calls.text(
                "POST 2.0 runs/update",
                Need.run(Right.EDIT),
                (asked, answer) -> WireText.wrapped(answer, "run_info", update(asked.fields()), WireText::info));
        calls.on("POST 2.0 runs/delete", Need.run(Right.MANAGE), asked -> {
            runs.delete(asked.fields().runId());
            return Json.object();
        });
        calls.on("POST 2.0 runs/restore", Need.run(Right.MANAGE), asked -> {
            runs.restore(asked.fields().runId());
            return Json.object();
        });
        calls.on(
                "POST 2.0 runs/log-metric",
                Need.run(Right.EDIT),
                asked -> log(asked.fields(), List.of(metric(asked.fields())), List.of(), List.of()));
        calls.on(
                "POST 2.0 runs/log-parameter",
                Need.run(Right.EDIT),
                asked -> log(asked.fields(), List.of(), List.of(pair(asked.fields())), List.of()));
        calls.on(
                "POST 2.0 runs/set-tag",
                Need.run(Right.EDIT),
                asked -> log(asked.fields(), List.of(), List.of(), List.of(pair(asked.fields()))));
        calls.first("POST 2.0 runs/log-batch", Need.run(Right.EDIT), this::logPlain, asked -> logBatch(asked.fields()));
        calls.on("POST 2.0 runs/delete-tag", Need.run(Right.EDIT), asked -> {
            runs.deleteTag(asked.fields().runId(), asked.fields().required("key"));
            return Json.object();
        });
        calls.text(
                "POST 2.0 runs/search",
                Need.each(Right.READ),
                (asked, answer) -> WireText.page(answer, "runs", search(asked.fields()), WireText::run));
        calls.on("POST 2.0 runs/count", Need.each(Right.READ), asked -> count(asked.fields()));
        calls.on("POST 2.0 runs/log-model", Need.run(Right.EDIT), asked -> logModel(asked.fields()));
        calls.on("POST 2.0 runs/log-inputs", Need.run(Right.EDIT), asked -> logInputs(asked.fields()));
        calls.on("POST 2.0 runs/outputs", Need.run(Right.EDIT), asked -> logOutputs(asked.fields()));
    }

    private TrackedRun create(Fields fields) {
        String user = fields.text("user_id");
        return runs.create(new NewRun(
                fields.experimentId("experiment_id", Experiment.DEFAULT),
                fields.filled("run_name"),
                user == null ? "" : user,
                fields.integer("start_time"),
                ExperimentCalls.pairs(fields.messages("tags"))));
    }

    private RunInfo update(Fields fields) {
        return runs.update(
                fields.runId(),
                fields.constant("status", RunStatus.class),
                fields.integer("end_time"),
                fields.filled("run_name"));
    }

    static Metric metric(Fields fields) {
        Long step = fields.integer("step");
        return new Metric(
                fields.required("key"),
                fields.requiredReal("value"),
                fields.requiredInteger("timestamp"),
                step == null ? 0 : step,
                step != null && fields.size() == PLAIN_METRIC_FIELDS
                        ? null
                        : MetricOrigin.of(
                                fields.text("model_id"), fields.text("dataset_name"), fields.text("dataset_digest")));
    }

    private static KeyValue pair(Fields fields) {
        return new KeyValue(fields.required("key"), fields.requiredText("value"));
    }

    private ObjectNode log(Fields fields, List<Metric> metrics, List<KeyValue> params, List<KeyValue> tags) {
        runs.log(fields.runId(), new Batch(metrics, params, tags));
        return Json.object();
    }

    private ObjectNode logBatch(Fields fields) {
        return log(
                fields,
                fields.messages("metrics").stream().map(RunCalls::metric).toList(),
                ExperimentCalls.pairs(fields.messages("params")),
                ExperimentCalls.pairs(fields.messages("tags")));
    }

    /** A batch as clients usually send it. */
    private boolean logPlain(byte[] body, Consumer<String> mayWrite) {
        Optional<PlainBatch> plain = PlainBatch.of(body);
        plain.ifPresent(batch -> {
            mayWrite.accept(batch.run());
            runs.log(batch.run(), batch.batch());
        });
        return plain.isPresent();
    }

    private Page<TrackedRun> search(Fields fields) {
        return runs.search(
                ExperimentCalls.request(fields, "run_view_type"),
                fields.experimentIds("experiment_ids"),
                fields.integer("offset", 0, OFFSET_MAX, 0));
    }

    /** Beyond MLflow: the total of a search, asked for apart from its pages, and no further than {@code max_count}. */
    private ObjectNode count(Fields fields) {
        long bound = fields.integer("max_count", 1, OFFSET_MAX, (int) TrackingRuns.COUNT_MAX);
        long count = runs.count(
                ExperimentCalls.request(fields, "run_view_type"), fields.experimentIds("experiment_ids"), bound);
        return Json.object().put("count", Math.min(count, bound)).put("more", count > bound);
    }

    /** Clients of version 2 say what model they stored; a tag of the run lists them. */
    private static JsonNode modelJson(String text) {
        try {
            return Json.parse(text);
        } catch (PerennialException e) {
            throw new PerennialException(
                    ErrorCode.INVALID_ARGUMENT,
                    "Malformed model info in 'model_json': " + e.getMessage(),
                    "model_json",
                    e);
        }
    }

    private ObjectNode logModel(Fields fields) {
        String run = fields.runId();
        JsonNode model = modelJson(fields.required("model_json"));
        for (String member : MODEL_MEMBERS) {
            if (!model.has(member)) {
                throw PerennialException.invalid(
                        "model_json", "Model metadata must contain '" + member + "', got " + model);
            }
        }
        runs.changeTag(run, MODELS_TAG, before -> {
            ArrayNode models = Json.array();
            before.map(Json::parse).filter(JsonNode::isArray).ifPresent(list -> list.forEach(models::add));
            return models.add(model).toString();
        });
        return Json.object();
    }

    private ObjectNode logInputs(Fields fields) {
        runs.logInputs(
                fields.runId(),
                fields.messages("datasets").stream().map(RunCalls::input).toList(),
                fields.messages("models").stream()
                        .map(model -> model.required("model_id"))
                        .toList());
        return Json.object();
    }

    private ObjectNode logOutputs(Fields fields) {
        runs.logOutputs(
                fields.runId(),
                fields.messages("models").stream().map(RunCalls::output).toList());
        return Json.object();
    }

    private static ModelOutput output(Fields fields) {
        Long step = fields.integer("step");
        return new ModelOutput(fields.required("model_id"), step == null ? 0 : step);
    }

    static DatasetInput input(Fields fields) {
        Fields dataset = fields.requiredMessage("dataset");
        return new DatasetInput(
                new Dataset(
                        dataset.required("name"),
                        dataset.required("digest"),
                        dataset.required("source_type"),
                        dataset.required("source"),
                        dataset.text("schema"),
                        dataset.text("profile")),
                ExperimentCalls.pairs(fields.messages("tags")));
    }
}
