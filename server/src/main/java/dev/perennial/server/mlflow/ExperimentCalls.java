package dev.perennial.server.mlflow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.governance.GovernanceRoom;
import dev.perennial.governance.Right;
import dev.perennial.governance.Thing;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.tracking.DatasetSummary;
import dev.perennial.tracking.Experiment;
import dev.perennial.tracking.Experiments;
import dev.perennial.tracking.KeyValue;
import dev.perennial.tracking.View;
import dev.perennial.tracking.search.SearchRequest;
import java.util.List;

/** The calls under {@code experiments/}. */
final class ExperimentCalls {
    private static final int DATASET_EXPERIMENTS_MAX = 20;

    private final Experiments experiments;
    private final MlflowRights rights;
    private final GovernanceRoom governance;

    ExperimentCalls(Experiments experiments, MlflowRights rights, GovernanceRoom governance) {
        this.experiments = experiments;
        this.rights = rights;
        this.governance = governance;
    }

    void register(Calls calls) {
        calls.on("POST 2.0 experiments/create", Need.project(Right.EDIT), this::create);
        calls.on("GET 2.0 experiments/get", Need.experiment(Right.READ), asked -> get(asked.fields()));
        calls.on(
                "GET 2.0 experiments/get-by-name",
                new Need(Right.READ, Need.Target.EXPERIMENT_NAME, "experiment_name"),
                this::byName);
        calls.on("POST 2.0 experiments/search", Need.project(Right.READ), this::search);
        calls.on("GET 2.0 experiments/search", Need.project(Right.READ), this::search);
        calls.on("POST 2.0 experiments/update", Need.experiment(Right.EDIT), asked -> update(asked.fields()));
        calls.on("POST 2.0 experiments/delete", Need.experiment(Right.MANAGE), asked -> {
            experiments.delete(asked.fields().requiredExperimentId("experiment_id"));
            return Json.object();
        });
        calls.on("POST 2.0 experiments/restore", Need.experiment(Right.MANAGE), asked -> {
            experiments.restore(asked.fields().requiredExperimentId("experiment_id"));
            return Json.object();
        });
        calls.on(
                "POST 2.0 experiments/set-experiment-tag",
                Need.experiment(Right.EDIT),
                asked -> setTag(asked.fields()));
        calls.on("POST 2.0 experiments/delete-experiment-tag", Need.experiment(Right.EDIT), asked -> {
            experiments.deleteTag(
                    asked.fields().requiredExperimentId("experiment_id"),
                    asked.fields().required("key"));
            return Json.object();
        });
        calls.on("POST 2.0 experiments/search-datasets", Need.each(Right.READ), asked -> datasets(asked.fields()));
    }

    private ObjectNode create(Call.Asked asked) {
        Fields fields = asked.fields();
        String project = asked.asker().project();
        String name = fields.required("name");
        if (name.isBlank()) {
            throw PerennialException.invalid(
                    "name", "Invalid value '" + name + "' for parameter 'name' supplied: it is blank");
        }
        long id = experiments.create(
                project,
                name,
                fields.filled("artifact_location"),
                pairs(fields.messages("tags")),
                (tx, made) -> governance.grants().made(tx, asked.asker().caller(), Thing.experiment(project, made)));
        return Json.object().put("experiment_id", String.valueOf(id));
    }

    static List<KeyValue> pairs(List<Fields> pairs) {
        return pairs.stream()
                .map(pair -> new KeyValue(pair.required("key"), pair.requiredText("value")))
                .toList();
    }

    private ObjectNode get(Fields fields) {
        return wrapped(experiments.get(fields.requiredExperimentId("experiment_id")));
    }

    private ObjectNode byName(Call.Asked asked) {
        String name = asked.fields().required("experiment_name");
        return wrapped(experiments
                .find(asked.asker().project(), name)
                .orElseThrow(() -> PerennialException.notFound("Could not find experiment with name '" + name + "'")));
    }

    private static ObjectNode wrapped(Experiment experiment) {
        ObjectNode node = Json.object();
        node.set("experiment", Wire.experiment(experiment));
        return node;
    }

    private ObjectNode search(Call.Asked asked) {
        return Wire.page(
                "experiments",
                experiments.search(request(asked.fields(), "view_type"), rights.visible(asked.asker())),
                Wire::experiment);
    }

    static SearchRequest request(Fields fields, String viewField) {
        View view = fields.constant(viewField, View.class);
        return new SearchRequest(
                fields.text("filter"),
                fields.texts("order_by"),
                view == null ? View.ACTIVE_ONLY : view,
                fields.integer("max_results", 1, SearchRequest.LIMIT_MAX, SearchRequest.LIMIT_DEFAULT),
                fields.text("page_token"));
    }

    private ObjectNode update(Fields fields) {
        long id = fields.requiredExperimentId("experiment_id");
        String name = fields.filled("new_name");
        if (name == null) {
            experiments.get(id);
        } else {
            experiments.rename(id, name);
        }
        return Json.object();
    }

    private ObjectNode setTag(Fields fields) {
        experiments.setTag(
                fields.requiredExperimentId("experiment_id"),
                new KeyValue(fields.required("key"), fields.requiredText("value")));
        return Json.object();
    }

    private ObjectNode datasets(Fields fields) {
        List<Long> ids = fields.experimentIds("experiment_ids");
        if (ids.isEmpty() || ids.size() > DATASET_EXPERIMENTS_MAX) {
            throw PerennialException.invalid(
                    "experiment_ids",
                    "1 to " + DATASET_EXPERIMENTS_MAX + " experiments are expected in 'experiment_ids', got "
                            + ids.size());
        }
        ObjectNode node = Json.object();
        Wire.putList(node, "dataset_summaries", experiments.datasets(ids), ExperimentCalls::summary);
        return node;
    }

    private static ObjectNode summary(DatasetSummary summary) {
        ObjectNode node = Json.object()
                .put("experiment_id", String.valueOf(summary.experiment()))
                .put("name", summary.name())
                .put("digest", summary.digest());
        if (summary.context() != null) {
            node.put("context", summary.context());
        }
        return node;
    }
}
