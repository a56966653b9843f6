package dev.perennial.worker.training;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.lifecycle.file.Train;
import dev.perennial.worker.StepFailure;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A policy that needs no gates: which models serve from when.
 *
 * @param models given models, the first from the start
 * @param retrainAt times at which a model is trained on the newest rows and put live unseen; empty for none
 * @param rowsDays newest days of such a training, null for all
 */
record Arm(
        String name,
        List<Given> models,
        List<Long> retrainAt,
        @Nullable Integer rowsDays) {
    Arm {
        models = List.copyOf(models);
        retrainAt = List.copyOf(retrainAt);
    }

    /**
     * @param input its files are the inputs {@code INPUT.model} and {@code INPUT.manifest}
     * @param from first event time that it serves
     */
    record Given(String input, long from) {}

    /** {@code {"name": "blind", "models": ["first"], "retrain": {"at": [millis, ...], "rowsDays": 30}}}. */
    static Arm of(JsonNode node) {
        List<Given> models = new ArrayList<>();
        for (JsonNode model : Parameters.required(node, "models")) {
            models.add(
                    model.isTextual()
                            ? new Given(model.asText(), Long.MIN_VALUE)
                            : new Given(
                                    Parameters.required(model, "input").asText(),
                                    model.path("from").asLong(Long.MIN_VALUE)));
        }
        if (models.isEmpty()) {
            throw new StepFailure(
                    StepFailure.Kind.CONFIG, "arm '" + node.path("name").asText() + "' has no model to begin with");
        }
        List<Long> at = new ArrayList<>();
        JsonNode retrain = node.path("retrain");
        retrain.path("at").forEach(time -> at.add(time.asLong()));
        Integer rowsDays = retrain.hasNonNull("rowsDays")
                ? (Integer) retrain.get("rowsDays").asInt()
                : null;
        return new Arm(
                Parameters.required(node, "name").asText(),
                models,
                at.stream().sorted().toList(),
                rowsDays);
    }

    /** The declared training with this arm's choice of rows. */
    Train train(Train declared) {
        return new Train(declared.trainer(), declared.parameters(), declared.command(), rowsDays, declared.seed(), 0);
    }
}
