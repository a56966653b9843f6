package dev.perennial.server.mlflow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.governance.Right;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.tracking.KeyValue;
import dev.perennial.tracking.TrackingRuns;
import dev.perennial.tracking.models.LoggedModel;
import dev.perennial.tracking.models.LoggedModels;
import dev.perennial.tracking.models.ModelInfo;
import dev.perennial.tracking.models.ModelMetric;
import dev.perennial.tracking.models.ModelStatus;
import dev.perennial.tracking.models.NewLoggedModel;
import dev.perennial.tracking.models.Registration;
import dev.perennial.tracking.search.ModelSearchRequest;
import dev.perennial.tracking.search.SearchRequest;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The calls under {@code logged-models}. */
final class LoggedModelCalls {
    private static final Pattern ID = Pattern.compile("[a-zA-Z0-9][\\w-]{0,255}");

    private final LoggedModels models;

    LoggedModelCalls(TrackingRuns runs) {
        this.models = runs.models();
    }

    /** A status as clients write it, in the order of its numbers. */
    private enum Status {
        LOGGED_MODEL_PENDING(ModelStatus.PENDING),
        LOGGED_MODEL_READY(ModelStatus.READY),
        LOGGED_MODEL_UPLOAD_FAILED(ModelStatus.FAILED);

        private final ModelStatus meaning;

        Status(ModelStatus meaning) {
            this.meaning = meaning;
        }

        static String of(ModelStatus meaning) {
            return values()[meaning.ordinal()].name();
        }
    }

    /** Longer paths first, because a shorter one would take them for an id. */
    void register(Calls calls) {
        calls.on("POST 2.0 logged-models", Need.experiment(Right.EDIT), asked -> create(asked.fields()));
        calls.on("POST 2.0 logged-models/search", Need.each(Right.READ), asked -> search(asked.fields()));
        calls.on(
                "PATCH 2.0 logged-models/{model_id}/tags",
                Need.loggedModel(Right.EDIT),
                asked -> wrapped(models.setTags(id(asked.fields()), pairs(asked.fields(), "tags"))));
        calls.on("DELETE 2.0 logged-models/{model_id}/tags/{key}", Need.loggedModel(Right.EDIT), asked -> {
            models.deleteTag(id(asked.fields()), asked.fields().required("key"));
            return Json.object();
        });
        calls.on("POST 2.0 logged-models/{model_id}/params", Need.loggedModel(Right.EDIT), asked -> {
            models.logParams(id(asked.fields()), pairs(asked.fields(), "params"));
            return Json.object();
        });
        calls.on(
                "GET 2.0 logged-models/{model_id}",
                Need.loggedModel(Right.READ),
                asked -> wrapped(get(
                        id(asked.fields()), Boolean.TRUE.equals(asked.fields().flag("allow_deleted")))));
        calls.on(
                "PATCH 2.0 logged-models/{model_id}",
                Need.loggedModel(Right.EDIT),
                asked -> wrapped(models.finish(id(asked.fields()), status(asked.fields()))));
        calls.on("DELETE 2.0 logged-models/{model_id}", Need.loggedModel(Right.MANAGE), asked -> {
            models.delete(id(asked.fields()));
            return Json.object();
        });
    }

    /** What is no id was meant as a route that does not exist. */
    static String id(Fields fields) {
        String id = fields.required("model_id");
        if (!ID.matcher(id).matches()) {
            throw new PerennialException(
                    ErrorCode.ENDPOINT_NOT_FOUND,
                    "no such route on this server, and '" + id + "' is no id of a logged model");
        }
        return id;
    }

    private LoggedModel get(String id, boolean deletedToo) {
        return deletedToo
                ? models.find(id)
                        .orElseThrow(() -> PerennialException.notFound("Logged model with ID '" + id + "' not found."))
                : models.get(id);
    }

    private ObjectNode create(Fields fields) {
        return wrapped(models.create(new NewLoggedModel(
                fields.requiredExperimentId("experiment_id"),
                fields.text("name"),
                fields.filled("model_type"),
                fields.filled("source_run_id"),
                pairs(fields, "params"),
                pairs(fields, "tags"))));
    }

    private static List<KeyValue> pairs(Fields fields, String name) {
        return ExperimentCalls.pairs(fields.messages(name));
    }

    static ModelStatus status(Fields fields) {
        Status status = fields.constant("status", Status.class);
        if (status == null) {
            throw fields.missing("status");
        }
        return status.meaning;
    }

    private ObjectNode search(Fields fields) {
        ModelSearchRequest request = new ModelSearchRequest(
                fields.text("filter"),
                fields.messages("datasets").stream()
                        .map(dataset -> new ModelSearchRequest.OfDataset(
                                dataset.required("dataset_name"), dataset.filled("dataset_digest")))
                        .toList(),
                fields.messages("order_by").stream()
                        .map(LoggedModelCalls::order)
                        .toList(),
                fields.integer("max_results", 1, SearchRequest.LIMIT_MAX, ModelSearchRequest.LIMIT_DEFAULT),
                fields.text("page_token"));
        return Wire.page(
                "models", models.search(request, fields.experimentIds("experiment_ids")), LoggedModelCalls::wire);
    }

    private static ModelSearchRequest.Order order(Fields item) {
        return new ModelSearchRequest.Order(
                item.required("field_name"), !Boolean.FALSE.equals(item.flag("ascending")), dataset(item));
    }

    private static ModelSearchRequest.@Nullable OfDataset dataset(Fields item) {
        String name = item.filled("dataset_name");
        String digest = item.filled("dataset_digest");
        if (name == null && digest != null) {
            throw PerennialException.invalid(
                    "order_by", "dataset_digest only goes with dataset_name; name the dataset too");
        }
        return name == null ? null : new ModelSearchRequest.OfDataset(name, digest);
    }

    private static ObjectNode wrapped(LoggedModel model) {
        ObjectNode node = Json.object();
        node.set("model", wire(model));
        return node;
    }

    private static ObjectNode wire(LoggedModel model) {
        ModelInfo info = model.info();
        ObjectNode described = Json.object()
                .put("model_id", info.id())
                .put("experiment_id", String.valueOf(info.experiment()))
                .put("name", info.name())
                .put("creation_timestamp_ms", info.createdAt())
                .put("last_updated_timestamp_ms", info.updatedAt())
                .put("artifact_uri", info.artifactUri())
                .put("status", Status.of(info.status()));
        if (info.type() != null) {
            described.put("model_type", info.type());
        }
        if (info.sourceRun() != null) {
            described.put("source_run_id", info.sourceRun());
        }
        Wire.putList(described, "tags", model.tags(), Wire::pair);
        Wire.putList(described, "registrations", model.registrations(), LoggedModelCalls::registration);
        ObjectNode data = Json.object();
        Wire.putList(data, "params", model.params(), Wire::pair);
        Wire.putList(data, "metrics", model.metrics(), LoggedModelCalls::metric);
        ObjectNode node = Json.object();
        node.set("info", described);
        node.set("data", data);
        return node;
    }

    private static ObjectNode registration(Registration registration) {
        return Json.object().put("name", registration.model()).put("version", String.valueOf(registration.version()));
    }

    private static ObjectNode metric(ModelMetric metric) {
        return Wire.metric(metric.metric()).put("run_id", metric.run());
    }
}
