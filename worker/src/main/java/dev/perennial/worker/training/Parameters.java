package dev.perennial.worker.training;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.worker.StepFailure;
import dev.perennial.worker.StepHandler.StepInput;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads the parameters that the training steps share; a missing one is the declaration's fault. */
final class Parameters {
    private static final String PART = "part";

    private Parameters() {}

    static JsonNode required(JsonNode parameters, String name) {
        JsonNode value = parameters.get(name);
        if (value == null || value.isNull()) {
            throw new StepFailure(StepFailure.Kind.CONFIG, "the step has no parameter '" + name + "'");
        }
        return value;
    }

    static long millis(JsonNode parameters, String name) {
        JsonNode value = required(parameters, name);
        if (!value.isIntegralNumber()) {
            throw new StepFailure(
                    StepFailure.Kind.CONFIG,
                    "parameter '" + name + "' is " + value + ", expected milliseconds since 1970");
        }
        return value.asLong();
    }

    static List<FeatureType> features(JsonNode parameters) {
        List<FeatureType> features = new ArrayList<>();
        required(parameters, "features").forEach(feature -> features.add(Json.convert(feature, FeatureType.class)));
        if (features.isEmpty()) {
            throw new StepFailure(
                    StepFailure.Kind.CONFIG, "parameter 'features' is empty: a model needs at least one feature");
        }
        return features;
    }

    /** Inputs whose name starts with {@code part}. */
    static List<Path> parts(StepInput input) {
        return input.inputs().entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(PART))
                .sorted(Map.Entry.comparingByKey())
                .map(Map.Entry::getValue)
                .toList();
    }

    static Path file(StepInput input, String name) {
        Path file = input.inputs().get(name);
        if (file == null) {
            throw new StepFailure(
                    StepFailure.Kind.CONFIG,
                    "the step has no input '" + name + "', only "
                            + input.inputs().keySet().stream().sorted().toList());
        }
        return file;
    }
}
