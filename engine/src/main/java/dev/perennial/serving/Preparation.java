package dev.perennial.serving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.pipelines.RunView;
import dev.perennial.pipelines.StepSpec;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a version is made ready to score: the same steps that deploying takes. They end with a look at the model, whose verdict is a value.
 *
 * @param steps in their order
 * @param file the model file, or of a Python model its file {@code MLmodel}
 * @param manifest null: the steps make it
 */
public record Preparation(
        List<StepSpec> steps, Digest file, @Nullable Digest manifest) {
    public Preparation {
        steps = List.copyOf(steps);
    }

    static Preparation of(Deployable found) {
        return new Preparation(found.spec().steps(), found.file(), found.manifest());
    }

    /** A step that scores with what these steps make, told the verdict, which it has to heed. */
    public StepSpec scoring(StepSpec step, ObjectNode parameters) {
        parameters.set("verdict", StepSpec.value(Deployable.ADMIT, "verdict"));
        parameters.set("refusal", StepSpec.value(Deployable.ADMIT, "reason"));
        if (has(Deployable.ENVIRONMENT)) {
            parameters.set("environment", StepSpec.value(Deployable.ENVIRONMENT, "environment"));
        }
        return step.with(parameters).reading("manifest", manifestTemplate()).reading("model", Json.tree(file.hex()));
    }

    private JsonNode manifestTemplate() {
        return manifest == null ? StepSpec.file(Deployable.BUNDLE, Deployable.MANIFEST) : Json.tree(manifest.hex());
    }

    private boolean has(String path) {
        return steps.stream().anyMatch(step -> step.path().equals(path));
    }

    /** Verdict, reason and evidence, once a run has looked at the model. */
    public static Optional<ObjectNode> admission(RunView run) {
        return run.steps().stream()
                .filter(step ->
                        step.path().equals(Deployable.ADMIT) && step.values().containsKey("verdict"))
                .findFirst()
                .map(step -> {
                    ObjectNode admission = Json.object();
                    step.values().forEach(admission::set);
                    return admission;
                });
    }
}
