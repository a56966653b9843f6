package dev.perennial.worker.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.testkit.OnnxFiles;
import dev.perennial.worker.StepFailure;
import dev.perennial.worker.StepHandler.StepInput;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdmitStepTest {
    private static final Path OUTSIDE =
            Path.of(System.getProperty("perennial.root"), "examples", "flight-delay", "outside");
    private static final Path MANIFEST = OUTSIDE.resolve("outside.model.json");

    @TempDir
    Path folder;

    private Map<String, JsonNode> admit(Path manifest, Path model) throws Exception {
        return admit(manifest, model, "{}");
    }

    private Map<String, JsonNode> admit(Path manifest, Path model, String parameters) throws Exception {
        StepInput input = new StepInput(
                Json.parse(parameters), Map.of("manifest", manifest, "model", model), folder, (share, line) -> {});
        return new AdmitStep(new ModelLoader(folder.resolve("natives")), folder)
                .run(input)
                .values();
    }

    @Test
    void aModelFromOutsideIsAdmitted() throws Exception {
        Map<String, JsonNode> values = admit(MANIFEST, OUTSIDE.resolve("outside.onnx"));
        assertThat(values.get("verdict").asText())
                .as(values.get("reason").asText())
                .isEqualTo("ADMITTED");
        assertThat(values.get("evidence").path("latency").path("runs").asInt()).isPositive();
    }

    private String where(String parameters) throws Exception {
        Path manifest = Files.writeString(
                folder.resolve("m.json"),
                "{\"format\":\"identity\",\"inputs\":[{\"name\":\"a\",\"type\":\"FP32\",\"shape\":[-1]}],"
                        + "\"outputs\":[{\"name\":\"b\",\"type\":\"FP32\",\"shape\":[-1]}]}");
        Map<String, JsonNode> values = admit(manifest, Files.write(folder.resolve("m"), new byte[0]), parameters);
        assertThat(values.get("verdict").asText())
                .as(values.get("reason").asText())
                .isEqualTo("ADMITTED");
        return values.get("evidence").path("limits").toString();
    }

    @Test
    void onlyTheRunsOwnModelIsLookedAtInTheWorkerAndBothUnderLimits() throws Exception {
        assertThat(where("{\"own\":true}")).contains("the worker of the run", "prlimit --pid --as: ", "watchdog: ");
        assertThat(where("{\"own\":false}"))
                .contains("prlimit --as=", "watchdog: ")
                .doesNotContain("worker");
        assertThat(where("{}")).as("of a run that an older server began").contains("prlimit --as=");
    }

    @Test
    void aHostileModelIsAValueAndNoFailedStep() throws Exception {
        Path model =
                Files.write(folder.resolve("model.onnx"), OnnxFiles.hostile().get("a circle"));
        Map<String, JsonNode> values = admit(MANIFEST, model);
        assertThat(values.get("verdict").asText()).isEqualTo("REFUSED");
        assertThat(values.get("reason").asText()).contains("its graph runs in a circle");
    }

    @Test
    void aStepThatMustLoadAForeignModelTriesItFirst() throws Exception {
        Path none = Files.writeString(folder.resolve("none.onnx"), "this is no protobuf");
        Path natives = folder.resolve("natives");
        assertThatThrownBy(() -> LoadedModel.load(new ModelLoader(natives), "candidate", MANIFEST, none))
                .isInstanceOfSatisfying(
                        StepFailure.class, failure -> assertThat(failure.kind()).isEqualTo(StepFailure.Kind.CONTRACT))
                .hasMessageStartingWith(
                        "the candidate cannot be loaded: cannot use this ONNX model: it is no ONNX file");
        assertThat(natives).as("unpacked for the process").isDirectoryContaining("glob:**/onnxruntime-*");
    }
}
