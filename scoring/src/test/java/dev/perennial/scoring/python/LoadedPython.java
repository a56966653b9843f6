package dev.perennial.scoring.python;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Digest;
import dev.perennial.scoring.Model;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.ModelResources;
import dev.perennial.scoring.Row;
import dev.perennial.scoring.TabularModel;
import dev.perennial.testkit.PythonModels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A loader of Python models over blobs and an environment in a folder of a test. */
final class LoadedPython {
    /** Small limits, so that tests which reach them end soon. */
    static final PythonLimits LIMITS = new PythonLimits(600L << 20, 20_000, 60_000, 10_000, 256, 20);

    private final PythonModels models;
    private final Path folder;
    private final String environment;
    private final ModelLoader loader;

    LoadedPython(PythonModels models, Path folder, PythonLimits limits) throws IOException {
        this.models = models;
        this.folder = folder;
        this.environment = models.environment(folder.resolve("environments"));
        this.loader = new ModelLoader(
                folder.resolve("native"),
                new PythonRuntime(
                        folder.resolve("blobs"), folder.resolve("environments"), folder.resolve("work"), limits));
    }

    ModelManifest manifest(String model) throws IOException {
        return PyfuncManifest.of(texts(models.told(model)), entries(model), false);
    }

    List<ModelFolder.Entry> entries(String model) throws IOException {
        List<ModelFolder.Entry> entries = new ArrayList<>();
        for (JsonNode file : models.store(model, folder.resolve("blobs"))) {
            entries.add(new ModelFolder.Entry(
                    file.get("path").asText(),
                    new Digest(file.get("digest").asText()),
                    file.get("bytes").asLong()));
        }
        return entries;
    }

    static PyfuncManifest.Texts texts(JsonNode told) {
        return new PyfuncManifest.Texts(
                told.path("inputs").textValue(),
                told.path("outputs").textValue(),
                told.path("python").textValue(),
                told.path("requirements").asText());
    }

    Model load(ModelManifest manifest) {
        return loader.load(manifest, ByteBuffer.allocate(0), environment);
    }

    /** A model with resources of its own. */
    TabularModel rows(String model, ModelResources resources) throws IOException {
        return ModelLoader.tabular(loader.load(manifest(model), ByteBuffer.allocate(0), environment, resources));
    }

    TabularModel rows(String model) throws IOException {
        return ModelLoader.tabular(load(manifest(model)));
    }

    Path work() {
        return folder.resolve("work");
    }

    /** A row of the model {@code obedient}; what {@code a} holds is what it does. */
    static Row row(TabularModel model, double a) {
        return Row.of(model.signature(), Map.of("a", a, "n", 1, "c", "x"));
    }
}
