package dev.perennial.worker.training;

import dev.perennial.kernel.Json;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.scoring.admission.Admission;
import dev.perennial.scoring.admission.AdmissionEvidence;
import dev.perennial.worker.StepHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Looks at a model before it may serve. Inputs: {@code manifest}, {@code model}; parameter of a Python model: {@code environment}, the
 * digest of what step {@code environment} prepared, and {@code memoryBytes} where the default is not meant; {@code own}, true for the file that our trainer made in this run: it is looked at in
 * this worker, every other one in a process of its own. Values: {@code verdict} (ADMITTED or REFUSED), {@code
 * reason}, {@code evidence}. A refusal is a value, not a failed step: whoever ordered it decides what follows.
 */
public final class AdmitStep implements StepHandler {
    private final Admission admission;
    private final Path data;

    /** @param data data directory of the installation; a Python model's files and environment lie in it */
    public AdmitStep(ModelLoader loader, Path data) {
        this.admission = new Admission(loader);
        this.data = data;
    }

    @Override
    public String kind() {
        return "admit";
    }

    @Override
    public StepOutput run(StepInput input) throws IOException, InterruptedException {
        input.progress().report(0, "looking at the model");
        String environment = input.parameters().path("environment").asText("");
        Admission.PythonPlace python = environment.isEmpty()
                ? null
                : new Admission.PythonPlace(
                        data.resolve("blobs"),
                        data.resolve("environments"),
                        environment,
                        input.parameters().path("memoryBytes").asLong(0));
        Path manifest = Parameters.file(input, "manifest");
        Path model = Parameters.file(input, "model");
        AdmissionEvidence found = input.parameters().path("own").asBoolean(false)
                ? admission.admitOwn(manifest, model)
                : admission.admit(manifest, model, python);
        return new StepOutput(
                Map.of(
                        "verdict", Json.tree(found.verdict()),
                        "reason", Json.tree(found.reason()),
                        "evidence", found.evidence()),
                Map.of());
    }
}
