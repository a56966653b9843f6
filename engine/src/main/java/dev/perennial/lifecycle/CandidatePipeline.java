package dev.perennial.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.pipelines.PipelineSpec;
import dev.perennial.pipelines.StepSpec;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The heavy part of a candidate's life as a pipeline: check the contract, take the snapshot, train (or take a model from outside), score
 * the holdout with candidate and champion. Judging is not part of it: that is a pure function of what these steps store.
 */
final class CandidatePipeline {
    static final String NAME = "candidate";
    static final String VALIDATE = "validate";
    static final String SNAPSHOT = "snapshot";
    static final String SKEW = "skew";
    static final String TRAIN = "train";
    static final String EVALUATE = "evaluate";

    private CandidatePipeline() {}

    /**
     * What a candidate is made of.
     *
     * @param served the file in force: the logged values were computed by it
     * @param asOf the model's clock: nothing known later is used
     * @param parts parts of earlier snapshots that can be used again, as the snapshot step described them
     * @param partFiles their digests, by name
     * @param champion the model it is compared with
     * @param outside a model from outside; empty to train
     * @param logged served rows to compare with, a file of JSON lines; null when nothing was served yet
     */
    record Order(
            LifecycleFile file,
            LifecycleFile served,
            long asOf,
            JsonNode parts,
            JsonNode partFiles,
            Optional<ModelFiles> champion,
            Optional<ModelFiles> outside,
            @Nullable Digest logged) {}

    /** A model's two blobs. */
    record ModelFiles(Digest manifest, Digest file) {}

    static PipelineSpec spec(Order order) {
        LifecycleFile file = order.file();
        Instant asOf = Instant.ofEpochMilli(order.asOf());
        LocalDate today = asOf.atZone(file.zone()).toLocalDate();
        long holdoutFrom = order.asOf()
                - file.gates().holdoutDays() * java.time.Duration.ofDays(1).toMillis();
        JsonNode lifecycle = Json.tree(file);

        ObjectNode validate = Json.object().put("asOf", order.asOf()).put("to", order.asOf());
        validate.set("lifecycle", lifecycle);
        ObjectNode snapshot = Json.object().put("asOf", order.asOf());
        snapshot.set("lifecycle", lifecycle);
        snapshot.set("parts", order.parts());

        StepSpec taken = StepSpec.worker(SNAPSHOT, "snapshot").with(snapshot).reading("reused", order.partFiles());
        java.util.ArrayList<StepSpec> steps = new java.util.ArrayList<>(
                List.of(StepSpec.worker(VALIDATE, "validate").with(validate), taken));
        if (order.logged() != null) {
            ObjectNode skew = Json.object().put("asOf", order.asOf());
            skew.set("lifecycle", Json.tree(order.served()));
            steps.add(StepSpec.worker(SKEW, "skew")
                    .with(skew)
                    .reading("logged", Json.tree(order.logged().hex())));
        }
        if (order.outside().isEmpty()) {
            steps.add(train(order, holdoutFrom));
        }
        steps.add(evaluate(order, holdoutFrom, today));
        return new PipelineSpec(NAME, steps);
    }

    private static StepSpec train(Order order, long before) {
        LifecycleFile file = order.file();
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

    private static StepSpec evaluate(Order order, long from, LocalDate today) {
        LifecycleFile file = order.file();
        ObjectNode holdout =
                Json.object().put("from", from).put("to", order.asOf()).put("labelKnownBy", order.asOf());
        holdout.set("excludedDays", StepSpec.value(VALIDATE, "excludedDays"));
        ObjectNode parameters = Json.object()
                .put("cluster", file.gates().cluster())
                .put("coverage", file.gates().labelCoverage())
                .put("timeZone", file.timeZone())
                .put("today", today.toString());
        parameters.set("holdout", holdout);
        parameters.set("features", StepSpec.value(SNAPSHOT, "features"));
        parameters.set("slices", Json.tree(slices(file)));
        parameters.set("snapshot", StepSpec.value(SNAPSHOT, "manifest"));
        parameters.put("candidateProven", order.outside().isEmpty());
        StepSpec step =
                StepSpec.worker(EVALUATE, "evaluate").with(parameters).reading("part", StepSpec.files(SNAPSHOT));
        if (order.outside().isPresent()) {
            step = step.reading(
                            "candidate.manifest",
                            Json.tree(order.outside().get().manifest().hex()))
                    .reading(
                            "candidate.model",
                            Json.tree(order.outside().get().file().hex()));
        } else {
            step = step.reading("candidate.manifest", StepSpec.file(TRAIN, "manifest"))
                    .reading("candidate.model", StepSpec.file(TRAIN, "model"));
        }
        if (order.champion().isPresent()) {
            step = step.reading(
                            "champion.manifest",
                            Json.tree(order.champion().get().manifest().hex()))
                    .reading(
                            "champion.model",
                            Json.tree(order.champion().get().file().hex()));
        }
        return step;
    }

    private static List<String> slices(LifecycleFile file) {
        return file.gates().require().stream()
                .map(gate -> gate.each())
                .filter(java.util.Objects::nonNull)
                .distinct()
                .toList();
    }
}
