package dev.perennial.worker.training;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.worker.StepFailure;
import dev.perennial.worker.StepHandler.StepInput;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

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

    /** Local days, each a text {@code 2013-10-14} or an object with {@code day} and {@code reason}. */
    static Map<LocalDate, String> days(JsonNode nodes) {
        Map<LocalDate, String> days = new TreeMap<>();
        for (JsonNode node : nodes) {
            String text = node.isObject() ? node.path("day").asText() : node.asText();
            try {
                days.put(LocalDate.parse(text), node.path("reason").asText("excluded by the data contract"));
            } catch (DateTimeParseException e) {
                throw new StepFailure(
                        StepFailure.Kind.CONFIG, "excluded day '" + text + "' is no date: write it as 2013-10-14");
            }
        }
        return days;
    }

    /** Inputs that are parts of the snapshot: their name starts with {@code part} and they are Parquet files. */
    static List<Path> parts(StepInput input) {
        return input.inputs().entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(PART)
                        && (!entry.getKey().contains("/") || entry.getKey().endsWith(".parquet")))
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
