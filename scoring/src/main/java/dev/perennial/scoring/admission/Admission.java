package dev.perennial.scoring.admission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scoring.Model;
import dev.perennial.scoring.ModelFailure;
import dev.perennial.scoring.ModelFile;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.scoring.ModelManifest;
import dev.perennial.scoring.python.ModelFolder;
import dev.perennial.scoring.python.OwnProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a model before it may serve: it is parsed, its schema read, its own example compared, and it is run some two hundred times.
 * A model shows this in a process of its own under limits; what our own trainer has just made may be looked at in this process, which
 * limits itself meanwhile. Thread-safe.
 */
public final class Admission {
    private final ModelLoader loader;

    public Admission(ModelLoader loader) {
        this.loader = loader;
    }

    /**
     * Where a Python model has its other files and its interpreter.
     *
     * @param environment digest of the environment that was prepared for it
     * @param memoryBytes what its process may take; 0: the default
     */
    public record PythonPlace(Path blobs, Path environments, String environment, long memoryBytes) {}

    /**
     * @return the verdict; a model that cannot be admitted is no error
     * @throws IOException when the files cannot be read or a process cannot be started
     * @throws InterruptedException when interrupted while the process runs; it is ended
     */
    public AdmissionEvidence admit(Path manifest, Path model) throws IOException, InterruptedException {
        return admit(manifest, model, null);
    }

    /**
     * @param python of a Python model; null for others
     * @return as above
     */
    public AdmissionEvidence admit(Path manifest, Path model, @Nullable PythonPlace python)
            throws IOException, InterruptedException {
        if (foreign(manifest)) {
            loader.unpackNatives();
        }
        return process(manifest, model, python).admit(loader.natives(), manifest, model, python);
    }

    /**
     * Looks at a model whose file this very process has made, by {@link OwnLimits}: that saves the start of a JVM. One that native code
     * reads is looked at in a process of its own all the same.
     *
     * @return as above
     */
    public AdmissionEvidence admitOwn(Path manifest, Path model) throws IOException, InterruptedException {
        return foreign(manifest) ? admit(manifest, model) : OwnLook.of(loader, manifest, model);
    }

    private static AdmissionProcess process(Path manifest, Path model, @Nullable PythonPlace python)
            throws IOException {
        if (!foreign(manifest)) {
            return AdmissionProcess.ours(Files.size(model));
        }
        List<ModelFolder.Entry> files =
                ModelManifest.parse(Files.readAllBytes(manifest)).files();
        return files.isEmpty()
                ? AdmissionProcess.standard(Files.size(model))
                : AdmissionProcess.python(
                        files.stream().mapToLong(ModelFolder.Entry::bytes).sum(),
                        python == null ? 0 : python.memoryBytes());
    }

    /** Whether native code reads the model; a manifest that cannot be read is none of native code's business. */
    public static boolean foreign(Path manifest) throws IOException {
        try {
            String format = ModelManifest.parse(Files.readAllBytes(manifest)).format();
            return format.equals(ModelManifest.ONNX) || format.equals(ModelManifest.PYTHON);
        } catch (PerennialException e) {
            return false;
        }
    }

    /**
     * Loads and runs a model in this process.
     *
     * @param environment of a Python model; null for others
     * @param evidence gets what was found
     * @throws PerennialException when it is refused
     * @throws ModelFailure when it fails on its own example, or uses up time or memory on any input
     */
    static void look(
            ModelLoader loader, Path manifestFile, Path modelFile, @Nullable String environment, ObjectNode evidence)
            throws IOException {
        ModelManifest manifest = ModelManifest.parse(Files.readAllBytes(manifestFile));
        evidence.put("format", manifest.format());
        try (ModelFile file = ModelFile.open(modelFile)) {
            evidence.put("bytes", file.bytes().remaining())
                    .put("sha256", file.digest().hex());
            long began = System.nanoTime();
            try (Model model = loader.load(manifest, file.bytes(), environment)) {
                evidence.put("loadMillis", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
                evidence.set("inputs", Json.tree(model.schema().inputs()));
                evidence.set("outputs", Json.tree(model.schema().outputs()));
                boolean compared = manifest.inputExample() != null && manifest.outputExample() != null;
                evidence.put("example", compared ? "scores as stored" : "none stored");
                evidence.set("latency", new SampleRuns(manifest, model).measure());
                if (model instanceof OwnProcess process) {
                    evidence.put("processPeakResidentBytes", process.peakResidentBytes());
                }
            }
        }
    }
}
