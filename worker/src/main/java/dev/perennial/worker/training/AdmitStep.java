package dev.perennial.worker.training;

import dev.perennial.kernel.Json;
import dev.perennial.scoring.ModelLoader;
import dev.perennial.scoring.admission.Admission;
import dev.perennial.scoring.admission.AdmissionEvidence;
import dev.perennial.worker.StepHandler;
import java.io.IOException;
import java.util.Map;

/**
 * Looks at a model before it may serve. Inputs: {@code manifest}, {@code model}. Values: {@code verdict} (ADMITTED or REFUSED), {@code
 * reason}, {@code evidence}. A refusal is a value, not a failed step: whoever ordered it decides what follows.
 */
public final class AdmitStep implements StepHandler {
    private final Admission admission;

    public AdmitStep(ModelLoader loader) {
        this.admission = new Admission(loader);
    }

    @Override
    public String kind() {
        return "admit";
    }

    @Override
    public StepOutput run(StepInput input) throws IOException, InterruptedException {
        input.progress().report(0, "looking at the model");
        AdmissionEvidence found = admission.admit(Parameters.file(input, "manifest"), Parameters.file(input, "model"));
        return new StepOutput(
                Map.of(
                        "verdict", Json.tree(found.verdict()),
                        "reason", Json.tree(found.reason()),
                        "evidence", found.evidence()),
                Map.of());
    }
}
