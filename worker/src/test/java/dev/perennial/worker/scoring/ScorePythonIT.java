package dev.perennial.worker.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Digest;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.python.ModelFolder;
import dev.perennial.scoring.python.PyfuncManifest;
import dev.perennial.testkit.PythonModels;
import dev.perennial.worker.StepFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files scored by a model of MLflow's flavor python_function, in a real interpreter. */
class ScorePythonIT {
    @TempDir
    static Path folder;

    private static ModelManifest manifest;
    private static String environment;

    @BeforeAll
    static void make() throws IOException, InterruptedException {
        PythonModels models = PythonModels.make(folder.resolve("models"), "obedient");
        List<ModelFolder.Entry> files = new ArrayList<>();
        for (JsonNode file : models.store("obedient", folder.resolve("blobs"))) {
            files.add(new ModelFolder.Entry(
                    file.path("path").asText(),
                    new Digest(file.path("digest").asText()),
                    file.path("bytes").asLong()));
        }
        JsonNode told = models.told("obedient");
        manifest = PyfuncManifest.of(
                new PyfuncManifest.Texts(
                        told.path("inputs").textValue(),
                        told.path("outputs").textValue(),
                        told.path("python").textValue(),
                        told.path("requirements").textValue()),
                files,
                false);
        environment = models.environment(folder.resolve("environments"));
    }

    private static Scoring scoring(String id, String rows) throws IOException {
        Files.writeString(folder.resolve(id + ".csv"), rows);
        Path main = Files.writeString(folder.resolve("MLmodel"), "as the blob");
        return new Scoring(folder, id, id + ".csv").model(manifest, main).python();
    }

    @Test
    void eachRowIsScoredAndOneThatEndsTheProcessHasAnErrorOfItsOwn() throws IOException {
        List<String> lines = scoring("rows", "a,n,c\n1.5,1,x\n666,1,x\n-2,2,yy\n")
                .with("environment", environment)
                .lines();
        assertThat(lines.get(0)).isEqualTo("a,n,c,score,version,error");
        assertThat(lines.get(1)).isEqualTo("1.5,1,x,4.1,frames/7,");
        assertThat(lines.get(2)).startsWith("666,1,x,,").contains("exit code 3");
        assertThat(lines.get(3)).isEqualTo("-2,2,yy,-1.8,frames/7,");
    }

    @Test
    void aModelThatWasRefusedInTheSameRunScoresNoRow() throws IOException {
        Scoring scoring = scoring("refused", "a,n,c\n1.5,1,x\n")
                .with("environment", environment)
                .with("verdict", "REFUSED")
                .with("refusal", "it takes 12 GB");
        assertThatThrownBy(scoring::run)
                .isInstanceOf(StepFailure.class)
                .hasMessage("version frames/7 was refused when it was looked at: it takes 12 GB");
        assertThat(scoring.output()).doesNotExist();
    }

    @Test
    void withoutItsEnvironmentItIsRefusedBeforeAnyRow() throws IOException {
        Scoring scoring = scoring("none", "a,n,c\n1.5,1,x\n").with("environment", "1".repeat(64));
        assertThatThrownBy(scoring::run).isInstanceOf(StepFailure.class).hasMessageContaining("environment");
        assertThat(scoring.output()).doesNotExist();
    }
}
