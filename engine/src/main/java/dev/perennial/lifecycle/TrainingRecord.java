package dev.perennial.lifecycle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.VersionId;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.pipelines.RunView;
import dev.perennial.registry.ModelVersion;
import dev.perennial.registry.Registry;
import dev.perennial.store.Transaction;
import dev.perennial.tracking.ArtifactPath;
import dev.perennial.tracking.Artifacts;
import dev.perennial.tracking.RunStatus;
import dev.perennial.tracking.TrackingRuns;
import dev.perennial.tracking.TrainingRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Keeps the loop's own trainings as tracking runs, so that data scientists find them where they look for runs. */
final class TrainingRecord {
    private static final String TREES = "gradient-boosting";

    private final TrackingRuns tracking;

    TrainingRecord(TrackingRuns tracking) {
        this.tracking = tracking;
    }

    /** One run for each trained version: parameters, holdout figures, the training curve, the importance of features. */
    String keep(
            Transaction tx,
            ModelId model,
            VersionId id,
            LifecycleFile file,
            RunView run,
            JsonNode metrics,
            ModelVersion.State state) {
        RunView.Step step = run.step(CandidatePipeline.TRAIN);
        Map<String, String> params = new TreeMap<>();
        params.put("trainer", file.train().trainer());
        params.put("seed", Long.toString(file.train().seed()));
        file.train().parameters().forEach((name, value) -> params.put(name, value.asText()));
        Map<String, Double> figures = new TreeMap<>();
        metrics.properties()
                .forEach(entry -> figures.put(entry.getKey(), entry.getValue().asDouble()));
        step.values()
                .getOrDefault("importance", dev.perennial.kernel.Json.object())
                .properties()
                .forEach(entry -> figures.put(
                        "importance." + entry.getKey(), entry.getValue().asDouble()));
        List<TrainingRun.Point> curve = new ArrayList<>();
        step.values()
                .getOrDefault("trainLogLoss", dev.perennial.kernel.Json.array())
                .forEach(point -> curve.add(new TrainingRun.Point(
                        point.path("trees").asLong(), point.path("logLoss").asDouble())));
        Map<String, String> tags = Map.of(
                "perennial.version", id.toString(),
                "perennial.state", state.name(),
                "perennial.pipeline_run", run.run().text());
        String tracked = tracking.record(
                tx,
                run.run().text(),
                model.toString(),
                new TrainingRun(
                        "version " + id.number(),
                        params,
                        figures,
                        curve.isEmpty() ? Map.of() : Map.of("train_log_loss", curve),
                        tags,
                        RunStatus.FINISHED,
                        step.startedAt(),
                        step.endedAt()));
        files(tx, tracked, file, run);
        return tracked;
    }

    /** The files of the model stand among the artifacts of its run, where the registry says that they are. */
    private void files(Transaction tx, String tracked, LifecycleFile file, RunView run) {
        String model = file.train().trainer().equals(TREES) ? "model.json" : "model";
        tracking.folder(tx, tracked).map(root -> root.resolve(ArtifactPath.of(Registry.FILES.substring(1)))).ifPresent(folder -> {
            Artifacts artifacts = tracking.artifacts();
            artifacts.link(
                    tx,
                    folder.resolve(ArtifactPath.of(model)),
                    RunOutputs.file(run, CandidatePipeline.TRAIN, "model"));
            artifacts.link(
                    tx,
                    folder.resolve(ArtifactPath.of("model.perennial.json")),
                    RunOutputs.file(run, CandidatePipeline.TRAIN, "manifest"));
        });
    }
}
