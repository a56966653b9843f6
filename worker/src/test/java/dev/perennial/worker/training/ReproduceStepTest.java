package dev.perennial.worker.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.scoring.ModelLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReproduceStepTest {
    @TempDir
    static Path folder;

    private static Map<String, Path> parts;

    @BeforeAll
    static void trainTheOriginal() throws Exception {
        parts = Steps.named(FlightParts.write(folder, 1, 1, 8));
        train("original", 1);
    }

    @Test
    void findsTheSameBytes() throws Exception {
        train("again", 1);
        JsonNode comparison = compare("again");

        assertThat(comparison.get("verdict").asText()).isEqualTo("IDENTICAL");
        assertThat(comparison.get("where")).isEmpty();
    }

    @Test
    void findsEqualScoresInOtherBytes() throws Exception {
        Path copy = Files.createDirectories(folder.resolve("spaced"));
        Files.writeString(copy.resolve("model.json"), Files.readString(folder.resolve("original/model.json")) + "\n");
        Files.copy(folder.resolve("original/model.perennial.json"), copy.resolve("model.perennial.json"));
        JsonNode comparison = compare("spaced");

        assertThat(comparison.get("verdict").asText()).isEqualTo("EQUAL");
        assertThat(comparison.get("maxDifference").asDouble()).isZero();
        assertThat(comparison.get("rows").asLong()).isGreaterThan(1_000);
        assertThat(comparison.get("bound").asDouble()).isEqualTo(1e-6);
    }

    @Test
    void tellsWhereAnotherModelDiffers() throws Exception {
        train("other", 0.05);
        JsonNode comparison = compare("other");

        assertThat(comparison.get("verdict").asText()).isEqualTo("DIFFERENT");
        assertThat(comparison.get("differing").asLong()).isPositive();
        assertThat(comparison.get("where")).extracting(JsonNode::asText).anyMatch(text -> text.startsWith("row 2013"));
        assertThat(comparison.get("where"))
                .extracting(JsonNode::asText)
                .contains("manifest /parameters/l2: 1.0 and 0.05");
    }

    private static void train(String name, double l2) throws Exception {
        ObjectNode parameters = Steps.train(FlightParts.features(), Steps.six("2013-02-01"));
        ((ObjectNode) parameters.at("/train/parameters")).put("l2", l2).put("trees", 20);
        Steps.run(new TrainStep(Steps.library(folder)), parameters, parts, folder.resolve(name));
    }

    private static JsonNode compare(String rebuilt) throws Exception {
        Map<String, Path> inputs = new HashMap<>(parts);
        for (String[] role : new String[][] {{"original", "original"}, {"rebuilt", rebuilt}}) {
            inputs.put(role[0] + ".model", folder.resolve(role[1]).resolve("model.json"));
            inputs.put(role[0] + ".manifest", folder.resolve(role[1]).resolve("model.perennial.json"));
        }
        return Steps.run(
                        new ReproduceStep(new ModelLoader(folder.resolve("natives"))),
                        Json.object(),
                        inputs,
                        folder.resolve("staging"))
                .values()
                .get("comparison");
    }
}
