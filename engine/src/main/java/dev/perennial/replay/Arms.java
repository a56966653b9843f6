package dev.perennial.replay;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.TrainingStep;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.monitoring.DayResult;
import dev.perennial.pipelines.PipelineSpec;
import dev.perennial.pipelines.RunView;
import dev.perennial.pipelines.StepSpec;
import dev.perennial.registry.ModelVersion;
import dev.perennial.replay.ReplayPolicy.Blind;
import dev.perennial.replay.ReplayPolicy.Cadence;
import dev.perennial.store.BlobStore;
import java.util.List;
import java.util.Objects;

/**
 * What other policies would have cost on the same rows: the first version for ever, and a model of the last 30 days put live unseen on the
 * first of every month. Computed offline by a worker; only the loop itself is played over HTTP.
 */
public final class Arms {
    public static final String PIPELINE = "arms";
    public static final String NEVER = "never retrained";
    public static final String BLIND = "blind, monthly, last 30 days";

    /** Path of the step that computes them, and name of the file that it makes. */
    public static final String STEP = "arms";

    private static final int BLIND_DAYS = 30;
    private static final String FIRST = "first";

    private Arms() {}

    /** @param clock known by then: labels published later are left out */
    public static PipelineSpec spec(LifecycleFile file, long from, long clock, ModelVersion first) {
        return PipelineSpec.of(
                PIPELINE,
                snapshot(file, clock),
                arms(file, from, clock, BLIND, new Blind(Cadence.MONTHLY, BLIND_DAYS))
                        .reading(FIRST + ".manifest", Json.tree(first.manifest()))
                        .reading(FIRST + ".model", Json.tree(first.file())));
    }

    /** A replay of a blind policy: a first version is trained as the loop would have trained it, then judged by no gate. */
    public static PipelineSpec offline(String pipeline, LifecycleFile file, Replay.Plan plan, Blind policy) {
        ObjectNode validate = Json.object().put("asOf", plan.from()).put("to", plan.from());
        validate.set("lifecycle", Json.tree(file));
        return PipelineSpec.of(
                pipeline,
                StepSpec.worker(TrainingStep.VALIDATE, "validate").with(validate),
                snapshot(file, plan.to()),
                TrainingStep.of(file, TrainingStep.holdoutFrom(file, plan.from())),
                arms(file, plan.from(), plan.to(), policy.text(), policy)
                        .reading(FIRST + ".manifest", StepSpec.file(TrainingStep.TRAIN, "manifest"))
                        .reading(FIRST + ".model", StepSpec.file(TrainingStep.TRAIN, "model")));
    }

    /** The table by month that a run computed, with what each policy cost. */
    public static ObjectNode table(RunView run, BlobStore blobs, List<DayResult> served) {
        RunView.Step step = run.step(STEP);
        Digest days = Objects.requireNonNull(step.files().get(STEP), "the step made no sums of days");
        ObjectNode table = ClosingTable.of(Json.parse(blobs.bytes(days)), served);
        table.set("cost", step.values().getOrDefault("arms", Json.array()));
        return table;
    }

    private static StepSpec snapshot(LifecycleFile file, long clock) {
        ObjectNode snapshot = Json.object().put("asOf", clock);
        snapshot.set("lifecycle", Json.tree(file));
        snapshot.set("parts", Json.array());
        return StepSpec.worker(TrainingStep.SNAPSHOT, "snapshot").with(snapshot);
    }

    private static StepSpec arms(LifecycleFile file, long from, long clock, String name, Blind policy) {
        // what is due at the very moment a replay begins is not served by it, so it is not judged here either
        long judged = from + file.predict().aheadMillis() + 1;
        ObjectNode blind = Json.object().put("from", judged).put("to", clock).put("labelKnownBy", clock);
        blind.set("features", StepSpec.value(TrainingStep.SNAPSHOT, "features"));
        blind.set("train", Json.tree(file.train()));
        ArrayNode arms = blind.putArray("arms");
        arms.addObject().put("name", NEVER).putArray("models").add(FIRST);
        ObjectNode retrained = arms.addObject().put("name", name);
        retrained.putArray("models").add(FIRST);
        ObjectNode retrain = retrained.putObject("retrain").put("rowsDays", policy.days());
        retrain.set("at", Json.tree(policy.times(file, from, clock)));
        return StepSpec.worker(STEP, "blind").with(blind).reading("part", StepSpec.files(TrainingStep.SNAPSHOT));
    }
}
