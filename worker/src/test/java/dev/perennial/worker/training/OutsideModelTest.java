package dev.perennial.worker.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.TabularModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The model from outside that the demo lets in: good, with an input on which it fails. */
class OutsideModelTest {
    private static final Path FOLDER =
            Path.of(System.getProperty("perennial.root"), "examples", "flight-delay", "outside");

    @TempDir
    Path natives;

    @Test
    void failsOnPressuresBelowItsTableAndOnNothingElse() throws Exception {
        byte[] manifestBytes = Files.readAllBytes(FOLDER.resolve("outside.model.json"));
        ModelManifest manifest = ModelManifest.parse(manifestBytes);
        assertThat(manifest.snapshot())
                .as("nothing here can prove what it was trained on")
                .isNull();
        try (TabularModel model = new ModelLoader(natives)
                .loadTabular(manifestBytes, Files.readAllBytes(FOLDER.resolve("outside.onnx")))) {
            assertThat(model.score(row(manifest, Map.of("pressure_mb", 1005.6))))
                    .isBetween(0.01, 0.99);
            assertThat(model.score(row(manifest, Map.of("pressure_mb", 1041.0))))
                    .isBetween(0.01, 0.99);
            assertThat(model.score(row(manifest, Map.of("dest", "XYZ")))).isBetween(0.01, 0.99);
            assertThat(model.score(new Row(manifest.signature().size())))
                    .as("everything missing")
                    .isBetween(0.01, 0.99);
            for (double pressure : new double[] {1005.5, 1003.7, 983.8}) {
                assertThatThrownBy(() -> model.score(row(manifest, Map.of("pressure_mb", pressure))))
                        .as("pressure %s", pressure)
                        .isInstanceOf(ModelFailure.class)
                        .hasMessageContaining("indices element out of data bounds");
            }
        }
    }

    private static Row row(ModelManifest manifest, Map<String, Object> changed) {
        Map<String, Object> values = new HashMap<>(manifest.inputExample());
        values.putAll(changed);
        return Row.of(manifest.signature(), values);
    }
}
