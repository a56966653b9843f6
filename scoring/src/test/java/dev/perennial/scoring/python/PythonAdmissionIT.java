package dev.perennial.scoring.python;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.admission.Admission;
import dev.perennial.scoring.admission.Admission.PythonPlace;
import dev.perennial.scoring.admission.AdmissionEvidence;
import dev.perennial.testkit.PythonModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Python models are looked at in a process with limits, which starts the interpreter that would serve. */
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PythonAdmissionIT {
    @TempDir
    static Path folder;

    private static LoadedPython python;
    private static String environment;

    @BeforeAll
    static void make() throws IOException, InterruptedException {
        PythonModels models = PythonModels.make(folder.resolve("models"), "obedient", "broken");
        python = new LoadedPython(models, folder, LoadedPython.LIMITS);
        environment = models.environment(folder.resolve("environments"));
    }

    private static AdmissionEvidence admit(ModelManifest manifest, String name) throws Exception {
        Path file = Files.write(folder.resolve("manifest.json"), manifest.toJson());
        Path main = Files.writeString(folder.resolve("MLmodel"), "as the blob");
        return admit(file, main, new PythonPlace(folder.resolve("blobs"), folder.resolve("environments"), name, 0));
    }

    private static AdmissionEvidence admit(Path file, Path main, PythonPlace place) throws Exception {
        return new Admission(new ModelLoader(folder.resolve("natives"))).admit(file, main, place);
    }

    private static AdmissionEvidence admit(double a) throws Exception {
        return admit(
                python.manifest("obedient").withExample(Map.of("a", a, "n", 1, "c", "x"), 2 * a + 1.1), environment);
    }

    @Test
    void aModelIsLookedAtWithTheMemoryThatItsVariantGivesIt() throws Exception {
        ModelManifest manifest = python.manifest("obedient").withExample(Map.of("a", 888, "n", 1, "c", "x"), 0);
        Path file = Files.write(folder.resolve("manifest.json"), manifest.toJson());
        Path main = Files.writeString(folder.resolve("MLmodel"), "as the blob");
        AdmissionEvidence found = admit(
                file,
                main,
                new PythonPlace(folder.resolve("blobs"), folder.resolve("environments"), environment, 300L << 20));
        refused(found, "memory");
        assertThat(found.evidence().path("processPeakResidentBytes").asLong()).isLessThan(600L << 20);
    }

    private static void refused(AdmissionEvidence found, String why) {
        assertThat(found.admitted()).isFalse();
        assertThat(found.reason()).contains(why);
    }

    @Test
    void aModelThatScoresItsExampleIsAdmittedWithItsEvidence() throws Exception {
        AdmissionEvidence found = admit(1);
        assertThat(found.admitted()).as(found.reason()).isTrue();
        JsonNode evidence = found.evidence();
        assertThat(evidence.path("format").asText()).isEqualTo("python");
        assertThat(evidence.path("example").asText()).isEqualTo("scores as stored");
        assertThat(evidence.path("latency").path("runs").asInt()).isPositive();
        assertThat(evidence.path("processPeakResidentBytes").asLong()).isGreaterThan(50L << 20);
        assertThat(evidence.path("limits").path("applied").toString())
                .contains("prlimit --as=")
                .contains("watchdog");
    }

    @Test
    void aModelThatEndsItsProcessOrTakesAllMemoryIsRefused() throws Exception {
        refused(admit(666), "its process ended with exit code 3");
        refused(admit(888), "memory");
    }

    @Test
    void aBrokenPickleIsRefusedAndNothingIsLeft() throws Exception {
        refused(admit(python.manifest("broken"), environment), "Python cannot load the model: ");
    }

    @Test
    void aModelWithoutItsEnvironmentIsRefused() throws Exception {
        String none = "1".repeat(64);
        refused(admit(python.manifest("broken"), none), "environment " + none + " is not in");
    }
}
