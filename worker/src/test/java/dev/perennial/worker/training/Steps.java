package dev.perennial.worker.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.worker.StepHandler;
import dev.perennial.worker.StepHandler.StepInput;
import dev.perennial.worker.StepHandler.StepOutput;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Runs steps in tests the way a worker does. */
final class Steps {
    static final ZoneId NEW_YORK = ZoneId.of("America/New_York");

    private Steps() {}

    static StepOutput run(StepHandler handler, JsonNode parameters, Map<String, Path> inputs, Path staging)
            throws Exception {
        Files.createDirectories(staging);
        return handler.run(new StepInput(parameters, inputs, staging, (share, line) -> {}));
    }

    /** Keeps the native code of XGBoost below the test's folder. */
    static XgboostLibrary library(Path folder) {
        return new XgboostLibrary(folder.resolve("natives"));
    }

    static Map<String, Path> named(List<Path> parts) {
        Map<String, Path> inputs = new HashMap<>();
        parts.forEach(part -> inputs.put(part.getFileName().toString().replace(".parquet", ""), part));
        return inputs;
    }

    /** 06:00 New York time. */
    static long six(String date) {
        return LocalDate.parse(date).atTime(6, 0).atZone(NEW_YORK).toInstant().toEpochMilli();
    }

    static ObjectNode train(JsonNode features, long labelKnownBy) {
        ObjectNode parameters = Json.object();
        parameters.set("train", Json.parse("""
                {"trainer": "gradient-boosting", "command": null, "rowsDays": null, "seed": 1, "labelNoise": 0.0,
                 "parameters": {"trees": 100, "leaves": 15, "learning-rate": 0.1, "min-child-weight": 18, "l2": 5}}"""));
        parameters.set("features", features);
        parameters.putObject("clip").put("labelKnownBy", labelKnownBy).putArray("excludedDays");
        parameters.put("snapshot", "0".repeat(64));
        return parameters;
    }
}
