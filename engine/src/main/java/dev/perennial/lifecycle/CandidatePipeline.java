package dev.perennial.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.pipelines.PipelineSpec;
import dev.perennial.pipelines.StepSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The heavy part of a candidate's life as a pipeline: check the contract, take the snapshot, train (or take a model from outside), admit
 * it, score the holdout with candidate and champion. Judging is not part of it: that is a pure function of what these steps store.
 */
final class CandidatePipeline {
    static final String NAME = "candidate";
    static final String VALIDATE = TrainingStep.VALIDATE;
    static final String SNAPSHOT = TrainingStep.SNAPSHOT;
    static final String SKEW = "skew";
    static final String TRAIN = TrainingStep.TRAIN;
    static final String ADMIT = "admit";
    static final String EVALUATE = "evaluate";

    private CandidatePipeline() {}

    /**
     * What a candidate is made of.
     *
     * @param served the file in force: the logged values were computed by it
     * @param asOf the model's clock: nothing known later is used
     * @param reused parts of earlier snapshots that can be used again
     * @param champion the model it is compared with
     * @param outside a model from outside; empty to train
     * @param logged served rows to compare with; empty when nothing was served yet
     * @param knownValues what {@code known-values} rules compare with, by target
     */
    record Order(
            LifecycleFile file,
            LifecycleFile served,
            long asOf,
            Reused reused,
            Optional<Opponent> champion,
            Optional<ModelFiles> outside,
            Optional<ServedRows.Logged> logged,
            JsonNode knownValues) {}

    /**
     * @param parts as the snapshot step described them
     * @param files their digests, by name
     */
    record Reused(JsonNode parts, JsonNode files) {
        static final Reused NOTHING = new Reused(Json.array(), Json.object());
    }

    /** A model's two blobs. */
    record ModelFiles(Digest manifest, Digest file) {}

    /** @param proven what its manifest says about its training rows is ours and can be believed */
    record Opponent(ModelFiles files, boolean proven) {}

    static PipelineSpec spec(Order order) {
        LifecycleFile file = order.file();
        long holdoutFrom = TrainingStep.holdoutFrom(file, order.asOf());
        JsonNode lifecycle = Json.tree(file);

        ObjectNode validate = Json.object().put("asOf", order.asOf()).put("to", order.asOf());
        validate.set("lifecycle", lifecycle);
        validate.set("knownValues", order.knownValues());
        ObjectNode snapshot = Json.object().put("asOf", order.asOf());
        snapshot.set("lifecycle", lifecycle);
        snapshot.set("parts", order.reused().parts());

        StepSpec taken = StepSpec.worker(SNAPSHOT, "snapshot")
                .with(snapshot)
                .reading("reused", order.reused().files());
        List<StepSpec> steps =
                new ArrayList<>(List.of(StepSpec.worker(VALIDATE, "validate").with(validate), taken));
        order.logged().ifPresent(logged -> steps.add(skew(order.served(), order.asOf(), logged)));
        if (order.outside().isEmpty()) {
            steps.add(TrainingStep.of(file, holdoutFrom));
        }
        steps.add(StepSpec.worker(ADMIT, "admit")
                .with(Json.object().put("own", ownFile(order)))
                .reading("manifest", manifest(order))
                .reading("model", model(order)));
        steps.add(evaluate(order, holdoutFrom));
        return new PipelineSpec(NAME, steps);
    }

    /** Whether our own trainer makes the model in this run; what comes from elsewhere is looked at in a process of its own. */
    private static boolean ownFile(Order order) {
        return order.outside().isEmpty() && order.file().train().command() == null;
    }

    private static JsonNode manifest(Order order) {
        return order.outside()
                .<JsonNode>map(files -> Json.tree(files.manifest().hex()))
                .orElseGet(() -> StepSpec.file(TRAIN, "manifest"));
    }

    private static JsonNode model(Order order) {
        return order.outside()
                .<JsonNode>map(files -> Json.tree(files.file().hex()))
                .orElseGet(() -> StepSpec.file(TRAIN, "model"));
    }

    /** Compares logged rows with what the file that served them computes now. */
    static StepSpec skew(LifecycleFile served, long asOf, ServedRows.Logged logged) {
        ObjectNode skew = Json.object().put("asOf", asOf);
        skew.set("lifecycle", Json.tree(served));
        skew.set("columns", logged.columns());
        return StepSpec.worker(SKEW, "skew")
                .with(skew)
                .reading("logged", Json.tree(logged.rows().hex()));
    }

    private static StepSpec evaluate(Order order, long from) {
        LifecycleFile file = order.file();
        ObjectNode holdout =
                Json.object().put("from", from).put("to", order.asOf()).put("labelKnownBy", order.asOf());
        holdout.set("excludedDays", StepSpec.value(VALIDATE, "excludedDays"));
        ObjectNode parameters = Json.object().put("coverage", file.gates().labelCoverage());
        parameters.set("holdout", holdout);
        parameters.set("features", StepSpec.value(SNAPSHOT, "features"));
        parameters.set("slices", Json.tree(slices(file)));
        parameters.set("snapshot", StepSpec.value(SNAPSHOT, "manifest"));
        parameters.put("candidateProven", order.outside().isEmpty());
        ObjectNode admission = parameters.putObject("admission");
        admission.set("verdict", StepSpec.value(ADMIT, "verdict"));
        admission.set("reason", StepSpec.value(ADMIT, "reason"));
        order.champion().ifPresent(champion -> parameters.put("championProven", champion.proven()));
        StepSpec step =
                StepSpec.worker(EVALUATE, "evaluate").with(parameters).reading("part", StepSpec.files(SNAPSHOT));
        step = step.reading("candidate.manifest", manifest(order)).reading("candidate.model", model(order));
        if (order.champion().isPresent()) {
            step = step.reading(
                            "champion.manifest",
                            Json.tree(order.champion().get().files().manifest().hex()))
                    .reading(
                            "champion.model",
                            Json.tree(order.champion().get().files().file().hex()));
        }
        return step;
    }

    private static List<String> slices(LifecycleFile file) {
        return file.gates().require().stream()
                .map(gate -> gate.each())
                .filter(Objects::nonNull)
                .distinct()
                .toList();
    }
}
