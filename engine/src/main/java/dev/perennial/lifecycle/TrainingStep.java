package dev.perennial.lifecycle;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.pipelines.StepSpec;
import java.time.Duration;

/** The training step of a pipeline that has checked the contract and taken a snapshot before. */
public final class TrainingStep {
    public static final String VALIDATE = "validate";
    public static final String SNAPSHOT = "snapshot";
    public static final String TRAIN = "train";

    private TrainingStep() {}

    /** Where the holdout of a candidate of {@code asOf} begins and its training data end. */
    public static long holdoutFrom(LifecycleFile file, long asOf) {
        return asOf - Duration.ofDays(file.gates().holdoutDays()).toMillis();
    }

    /** Trains on the rows whose event lies before a moment and whose label was known by then. */
    public static StepSpec of(LifecycleFile file, long before) {
        ObjectNode clip = Json.object().put("before", before).put("labelKnownBy", before);
        clip.set("excludedDays", StepSpec.value(VALIDATE, "excludedDays"));
        ObjectNode parameters = Json.object()
                .put("label", file.predict().label())
                .put("seed", file.train().seed());
        parameters.set("train", Json.tree(file.train()));
        parameters.set("features", StepSpec.value(SNAPSHOT, "features"));
        parameters.set("clip", clip);
        parameters.set("snapshot", StepSpec.value(SNAPSHOT, "manifest"));
        return StepSpec.worker(TRAIN, file.train().command() == null ? "train" : "command")
                .with(parameters)
                .reading("part", StepSpec.files(SNAPSHOT));
    }
}
