package dev.perennial.server.mlflow;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.TokenBuffer;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.Page;
import dev.perennial.kernel.PerennialException;
import dev.perennial.tracking.ArtifactFile;
import dev.perennial.tracking.Dataset;
import dev.perennial.tracking.DatasetInput;
import dev.perennial.tracking.Experiment;
import dev.perennial.tracking.KeyValue;
import dev.perennial.tracking.Metric;
import dev.perennial.tracking.TrackedRun;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;

/** Domain records as MLflow's messages: snake_case, 64-bit integers as numbers, ids and infinities as text. */
final class Wire {
    private Wire() {}

    static ObjectNode experiment(Experiment experiment) {
        ObjectNode node = Json.object()
                .put("experiment_id", String.valueOf(experiment.id()))
                .put("name", experiment.name())
                .put("artifact_location", experiment.artifactLocation())
                .put("lifecycle_stage", experiment.stage().text())
                .put("creation_time", experiment.createdAt())
                .put("last_update_time", experiment.updatedAt())
                .put("workspace", experiment.project());
        putList(node, "tags", experiment.tags(), Wire::pair);
        return node;
    }

    static ObjectNode inputs(TrackedRun run) {
        ObjectNode inputs = Json.object();
        putList(inputs, "dataset_inputs", run.inputs(), Wire::input);
        putList(
                inputs,
                "model_inputs",
                run.modelInputs(),
                model -> Json.object().put("model_id", model));
        return inputs;
    }

    static ObjectNode outputs(TrackedRun run) {
        ObjectNode outputs = Json.object();
        putList(
                outputs,
                "model_outputs",
                run.outputs(),
                output -> Json.object().put("model_id", output.model()).put("step", output.step()));
        return outputs;
    }

    static ObjectNode metric(Metric metric) {
        try (TokenBuffer tokens = new TokenBuffer(Json.mapper(), false)) {
            WireText.metric(tokens, metric);
            return Json.mapper().readTree(tokens.asParser());
        } catch (IOException e) {
            throw PerennialException.internal("cannot write the metric " + metric.key(), e);
        }
    }

    static ObjectNode pair(KeyValue pair) {
        return Json.object().put("key", pair.key()).put("value", pair.value());
    }

    private static ObjectNode input(DatasetInput input) {
        Dataset dataset = input.dataset();
        ObjectNode described = Json.object()
                .put("name", dataset.name())
                .put("digest", dataset.digest())
                .put("source_type", dataset.sourceType())
                .put("source", dataset.source());
        if (dataset.schema() != null) {
            described.put("schema", dataset.schema());
        }
        if (dataset.profile() != null) {
            described.put("profile", dataset.profile());
        }
        ObjectNode node = Json.object();
        putList(node, "tags", input.tags(), Wire::pair);
        node.set("dataset", described);
        return node;
    }

    /** An entry of a listing; {@code directory} stands before its name, ends in a slash or is empty. */
    static ObjectNode file(String directory, ArtifactFile file) {
        ObjectNode node = Json.object().put("path", directory + file.name()).put("is_dir", file.directory());
        if (file.sizeBytes() != null && file.sizeBytes() > 0) {
            node.put("file_size", file.sizeBytes());
        }
        return node;
    }

    /** Empty lists are left out. */
    static <T> void putList(ObjectNode node, String name, List<T> items, Function<T, ObjectNode> wire) {
        if (!items.isEmpty()) {
            ArrayNode array = node.putArray(name);
            items.forEach(item -> array.add(wire.apply(item)));
        }
    }

    static <T> ObjectNode page(String name, Page<T> page, Function<T, ObjectNode> wire) {
        ObjectNode node = Json.object();
        putList(node, name, page.items(), wire);
        page.next().ifPresent(token -> node.put("next_page_token", token));
        return node;
    }
}
