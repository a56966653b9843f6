package dev.perennial.worker.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.worker.StepFailure;
import dev.perennial.worker.StepHandler.StepOutput;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainStepTest {
    @TempDir
    static Path folder;

    private static Map<String, Path> parts;

    @BeforeAll
    static void writeParts() throws Exception {
        parts = Steps.named(FlightParts.write(folder, 1, 2, 8));
    }

    @Test
    void trainsTheSameBytesTwice() throws Exception {
        ObjectNode parameters = Steps.train(FlightParts.features(), Steps.six("2013-02-20"));
        run(parameters, "first");
        run(parameters, "second");

        assertThat(folder.resolve("first/model.json")).hasSameBinaryContentAs(folder.resolve("second/model.json"));
        assertThat(folder.resolve("first/model.perennial.json"))
                .hasSameBinaryContentAs(folder.resolve("second/model.perennial.json"));
    }

    @Test
    void describesTheModel() throws Exception {
        StepOutput output = run(Steps.train(FlightParts.features(), Steps.six("2013-02-20")), "described");

        JsonNode manifest = manifest("described");
        assertThat(manifest.get("format").asText()).isEqualTo("xgboost-json");
        assertThat(manifest.get("signature")).isEqualTo(FlightParts.features());
        assertThat(manifest.at("/categories/origin")).isEqualTo(Json.parse("[\"EWR\", \"JFK\", \"LGA\"]"));
        assertThat(manifest.get("prior").asDouble()).isBetween(0.15, 0.35);
        assertThat(manifest.get("outputExample").asDouble()).isBetween(0.01, 0.99);
        assertThat(manifest.at("/inputExample/carrier").asText()).hasSize(2);
        assertThat(manifest.get("trainedLabelKnownBy").asLong()).isEqualTo(Steps.six("2013-02-20"));
        assertThat(manifest.at("/trainedDays/first").asText()).isEqualTo("2013-01-01");
        assertThat(manifest.at("/trainedDays/last").asText()).isEqualTo("2013-02-19");
        assertThat(output.values().get("rows")).isEqualTo(manifest.get("rows"));
        assertThat(output.values().get("importance").properties().stream()
                        .mapToDouble(share -> share.getValue().asDouble())
                        .sum())
                .isCloseTo(1, org.assertj.core.data.Offset.offset(1e-9));
        assertThat(lossAfter(output, 100)).isLessThan(lossAfter(output, 10));
    }

    @Test
    void leavesOutExcludedDaysAndLateLabels() throws Exception {
        ObjectNode parameters = Steps.train(FlightParts.features(), Steps.six("2013-02-20"));
        long all = run(parameters, "all").values().get("rows").asLong();
        ((ArrayNode) parameters.at("/clip/excludedDays")).add("2013-02-08").add("2013-02-09");
        long sound = run(parameters, "sound").values().get("rows").asLong();
        ((ObjectNode) parameters.get("clip")).put("before", Steps.six("2013-02-11"));
        run(parameters, "early");

        assertThat(sound).isLessThan(all);
        assertThat(manifest("early").at("/trainedDays/last").asText()).isBetween("2013-02-10", "2013-02-11");
        assertThat(manifest("early").get("rows").asLong()).isLessThan(sound);
    }

    @Test
    void takesTheNewestDaysOnly() throws Exception {
        ObjectNode parameters = Steps.train(FlightParts.features(), Steps.six("2013-02-20"));
        ((ObjectNode) parameters.get("train")).put("rowsDays", 14);
        run(parameters, "newest");

        assertThat(manifest("newest").at("/trainedDays/first").asText()).isEqualTo("2013-02-06");
    }

    @Test
    void flipsTheShareOfLabelsThatADrillAsksFor() throws Exception {
        ObjectNode parameters = Steps.train(FlightParts.features(), Steps.six("2013-02-20"));
        double honest = run(parameters, "honest").values().get("prior").asDouble();
        ((ObjectNode) parameters.get("train")).put("labelNoise", 0.3);
        double noisy = run(parameters, "noisy").values().get("prior").asDouble();
        run(parameters, "noisy-again");

        assertThat(noisy).isCloseTo(honest * 0.7 + (1 - honest) * 0.3, org.assertj.core.data.Offset.offset(0.02));
        assertThat(folder.resolve("noisy/model.json")).hasSameBinaryContentAs(folder.resolve("noisy-again/model.json"));
    }

    @Test
    void refusesToLearnFromTooFewRows() {
        ObjectNode parameters = Steps.train(FlightParts.features(), Steps.six("2013-01-02") - 3_600_000);

        assertThatThrownBy(() -> run(parameters, "few"))
                .isInstanceOfSatisfying(
                        StepFailure.class, failure -> assertThat(failure.kind()).isEqualTo(StepFailure.Kind.CONTRACT))
                .hasMessageContaining("0 labelled rows")
                .hasMessageContaining("at least 100 rows");
    }

    @Test
    void namesAParameterThatItDoesNotKnow() {
        ObjectNode parameters = Steps.train(FlightParts.features(), Steps.six("2013-02-20"));
        ((ObjectNode) parameters.at("/train/parameters")).put("treees", 5);

        assertThatThrownBy(() -> run(parameters, "unknown"))
                .isInstanceOfSatisfying(
                        StepFailure.class, failure -> assertThat(failure.kind()).isEqualTo(StepFailure.Kind.CONFIG))
                .hasMessageContaining("'treees'")
                .hasMessageContaining("learning-rate");
    }

    @Test
    void namesAFeatureThatTheSnapshotLacks() {
        ArrayNode features = FlightParts.features();
        features.addObject().put("name", "moon_phase").put("type", "number");

        assertThatThrownBy(() -> run(Steps.train(features, Steps.six("2013-02-20")), "moon"))
                .isInstanceOfSatisfying(
                        StepFailure.class, failure -> assertThat(failure.kind()).isEqualTo(StepFailure.Kind.CONTRACT))
                .hasMessageContaining("[moon_phase]");
    }

    @Test
    void tellsHowToGetLibgomp() {
        StepFailure failure = XgboostLibrary.missing(new UnsatisfiedLinkError(
                "libxgboost4j.so: libgomp.so.1: cannot open shared object file: No such file or directory"));

        assertThat(failure.kind()).isEqualTo(StepFailure.Kind.CONFIG);
        assertThat(failure).hasMessageContaining("apt-get install libgomp1");
    }

    private static double lossAfter(StepOutput output, int trees) {
        for (JsonNode point : output.values().get("trainLogLoss")) {
            if (point.get("trees").asInt() == trees) {
                return point.get("logLoss").asDouble();
            }
        }
        throw new AssertionError("no log loss after " + trees + " trees");
    }

    private static JsonNode manifest(String name) throws Exception {
        return Json.parse(Files.readAllBytes(folder.resolve(name).resolve("model.perennial.json")));
    }

    private static StepOutput run(ObjectNode parameters, String name) throws Exception {
        return Steps.run(new TrainStep(Steps.library(folder)), parameters, parts, folder.resolve(name));
    }
}
