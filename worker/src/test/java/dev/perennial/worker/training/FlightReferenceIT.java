package dev.perennial.worker.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.lifecycle.file.LifecycleParser;
import dev.perennial.lifecycle.file.Source;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.worker.StepHandler.StepOutput;
import dev.perennial.worker.data.SnapshotStep;
import dev.perennial.worker.data.SourceCopies;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Features, trainer, evaluator and metrics together against the same story computed with Python: XGBoost, every fourth flight, weather feed
 * dead from 14 to 20 October. The bound is what another build of the library may differ by.
 */
class FlightReferenceIT {
    private static final double BOUND = 0.005;
    private static final double NEVER = 0.5136;
    private static final double BLIND = 0.5123;
    private static final Path EXAMPLE = Path.of(System.getProperty("perennial.root"), "examples", "flight-delay");

    @TempDir
    static Path folder;

    private static JsonNode arms;

    @BeforeAll
    static void playBothArms() throws Exception {
        LifecycleFile file = LifecycleParser.parse(Files.readString(EXAMPLE.resolve("lifecycle.yaml")), EXAMPLE)
                .file()
                .orElseThrow();
        ObjectNode lifecycle = (ObjectNode) Json.tree(file);
        Source dead = SourceCopies.without(
                "weather",
                file.source("weather"),
                "observed_at",
                Steps.six("2013-10-14") - 6 * 3_600_000L,
                Steps.six("2013-10-21") - 6 * 3_600_000L,
                folder.resolve("weather.parquet"));
        ((ObjectNode) lifecycle.get("sources")).set("weather", Json.tree(dead));
        ObjectNode order = Json.object().put("asOf", Steps.six("2014-01-03"));
        order.set("lifecycle", lifecycle);
        StepOutput snapshot = Steps.run(new SnapshotStep(), order, Map.of(), folder.resolve("snapshot"));
        Map<String, Path> inputs = new HashMap<>();
        snapshot.files()
                .forEach((name, path) ->
                        inputs.put("part/" + name, folder.resolve("snapshot").resolve(path)));

        ObjectNode parameters =
                Json.object().put("snapshot", snapshot.values().get("manifest").asText());
        parameters.set("train", lifecycle.get("train"));
        parameters.set("features", snapshot.values().get("features"));
        parameters.putObject("clip").put("labelKnownBy", Steps.six("2013-03-18"));
        StepOutput first = Steps.run(new TrainStep(Steps.library(folder)), parameters, inputs, folder.resolve("first"));
        inputs.put("first.model", folder.resolve("first").resolve(first.files().get("model")));
        inputs.put(
                "first.manifest", folder.resolve("first").resolve(first.files().get("manifest")));
        arms = Steps.run(
                        new BlindStep(new ModelLoader(folder.resolve("natives")), Steps.library(folder)),
                        blind(parameters),
                        inputs,
                        folder.resolve("blind"))
                .values()
                .get("arms");
    }

    @Test
    void neverRetrainingCostsWhatTheReferenceSays() {
        assertThat(all(0).get("rows").asLong()).isEqualTo(62_168);
        assertThat(all(0).get("rate").asDouble()).isCloseTo(0.248, offset(0.0005));
        assertThat(all(0).get("logLoss").asDouble()).isCloseTo(NEVER, offset(BOUND));
        assertThat(all(0).get("auc").asDouble()).isCloseTo(0.696, offset(0.01));
        assertThat(month(0, "2013-10").get("logLoss").asDouble())
                .as("the dead week hurts")
                .isCloseTo(0.4812, offset(0.01));
    }

    @Test
    void blindRetrainingCostsWhatTheReferenceSays() {
        assertThat(all(1).get("logLoss").asDouble()).isCloseTo(BLIND, offset(BOUND));
        assertThat(all(1).at("/minusFirst/low").asDouble()).isNegative();
        assertThat(all(1).at("/minusFirst/high").asDouble())
                .as("its interval crosses 0")
                .isPositive();
        assertThat(month(1, "2013-12").get("logLoss").asDouble())
                .as("it knew autumn only")
                .isGreaterThan(0.64);
    }

    private static ObjectNode blind(ObjectNode training) {
        ObjectNode parameters = training.deepCopy();
        parameters.put("from", Steps.six("2013-04-01") - 6 * 3_600_000L);
        parameters.put("to", Steps.six("2014-01-02")).put("labelKnownBy", Steps.six("2014-01-03"));
        ArrayNode policies = parameters.putArray("arms");
        policies.addObject().put("name", "never").putArray("models").add("first");
        ObjectNode monthly = policies.addObject().put("name", "blind");
        monthly.putArray("models").add("first");
        ArrayNode at = monthly.putObject("retrain").put("rowsDays", 30).putArray("at");
        for (int month = 5; month <= 12; month++) {
            at.add(Steps.six("2013-%02d-01".formatted(month)));
        }
        return parameters;
    }

    private static JsonNode all(int arm) {
        return month(arm, "all");
    }

    private static JsonNode month(int arm, String name) {
        return StreamSupport.stream(arms.get(arm).get("months").spliterator(), false)
                .filter(line -> line.get("month").asText().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
