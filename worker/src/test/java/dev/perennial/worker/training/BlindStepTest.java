package dev.perennial.worker.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.worker.StepFailure;
import dev.perennial.worker.StepHandler.StepOutput;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlindStepTest {
    @TempDir
    static Path folder;

    private static Map<String, Path> inputs;

    @BeforeAll
    static void trainTheFirstModel() throws Exception {
        inputs = Steps.named(FlightParts.write(folder, 1, 4, 8));
        Steps.run(
                new TrainStep(Steps.library(folder)),
                Steps.train(FlightParts.features(), Steps.six("2013-02-04")),
                inputs,
                folder.resolve("first"));
        inputs.put("first.model", folder.resolve("first/model.json"));
        inputs.put("first.manifest", folder.resolve("first/model.perennial.json"));
    }

    @Test
    void comparesPoliciesByMonthAndInAll() throws Exception {
        StepOutput output = run(parameters());

        JsonNode never = output.values().get("arms").get(0);
        JsonNode blind = output.values().get("arms").get(1);
        assertThat(never.get("months"))
                .extracting(line -> line.get("month").asText())
                .containsExactly("2013-02", "2013-03", "2013-04", "all");
        assertThat(never.get("trainings").asInt()).isZero();
        assertThat(never.at("/months/3").has("minusFirst")).isFalse();
        assertThat(blind.get("trainings").asInt()).isEqualTo(2);
        JsonNode all = blind.at("/months/3");
        assertThat(all.at("/minusFirst/estimate").asDouble())
                .isCloseTo(
                        all.get("logLoss").asDouble()
                                - never.at("/months/3/logLoss").asDouble(),
                        offset(1e-9));
        assertThat(all.at("/minusFirst/low").asDouble())
                .isLessThan(all.at("/minusFirst/estimate").asDouble());
        assertThat(all.get("auc").asDouble()).isBetween(0.5, 0.9);
        assertThat(all.get("rows").asLong())
                .isEqualTo(output.values().get("rows").asLong());
    }

    @Test
    void changesNothingBeforeTheFirstRetraining() throws Exception {
        StepOutput output = run(parameters());

        JsonNode february = output.values().get("arms").get(1).at("/months/0");
        JsonNode april = output.values().get("arms").get(1).at("/months/2");
        assertThat(february.at("/minusFirst/estimate").asDouble()).isZero();
        assertThat(april.at("/minusFirst/estimate").asDouble()).isNotZero();
    }

    @Test
    void writesTheSumsOfEachDay() throws Exception {
        StepOutput output = run(parameters());

        JsonNode arms = Json.parse(Files.readAllBytes(
                        folder.resolve("blind").resolve(output.files().get("arms"))))
                .get("arms");
        JsonNode never = arms.get(0);
        double loss = 0;
        long labelled = 0;
        for (JsonNode day : never.get("days")) {
            loss += day.at("/scores/logLoss").asDouble();
            labelled += day.get("labelled").asLong();
        }
        assertThat(loss / labelled)
                .isCloseTo(
                        output.values()
                                .get("arms")
                                .get(0)
                                .at("/months/3/logLoss")
                                .asDouble(),
                        offset(1e-9));
        assertThat(never.get("days").get(0).get("day").asText()).isEqualTo("2013-02-04");
    }

    @Test
    void namesAnArmWithoutAModel() {
        ObjectNode parameters = parameters();
        ((ObjectNode) parameters.get("arms").get(0)).putArray("models");

        assertThatThrownBy(() -> run(parameters))
                .isInstanceOfSatisfying(
                        StepFailure.class, failure -> assertThat(failure.kind()).isEqualTo(StepFailure.Kind.CONFIG))
                .hasMessageContaining("'never'");
    }

    private static ObjectNode parameters() {
        ObjectNode parameters = Steps.train(FlightParts.features(), 0);
        parameters
                .put("from", Steps.six("2013-02-04"))
                .put("to", Steps.six("2013-05-01"))
                .put("labelKnownBy", Steps.six("2013-05-02"));
        ArrayNode arms = parameters.putArray("arms");
        arms.addObject().put("name", "never").putArray("models").add("first");
        ObjectNode blind = arms.addObject().put("name", "blind");
        blind.putArray("models").add("first");
        blind.putObject("retrain")
                .put("rowsDays", 30)
                .putArray("at")
                .add(Steps.six("2013-03-01"))
                .add(Steps.six("2013-04-01"));
        return parameters;
    }

    private static StepOutput run(ObjectNode parameters) throws Exception {
        return Steps.run(
                new BlindStep(new ModelLoader(folder.resolve("natives")), Steps.library(folder)),
                parameters,
                inputs,
                folder.resolve("blind"));
    }
}
