package dev.perennial.server.mlflow;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.governance.Right;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.registry.RegistryRoom;
import dev.perennial.tracking.ArtifactPath;
import dev.perennial.tracking.Experiment;
import dev.perennial.tracking.ImportedRun;
import dev.perennial.tracking.ModelOutput;
import dev.perennial.tracking.RunImport;
import dev.perennial.tracking.RunInfo;
import dev.perennial.tracking.RunStatus;
import dev.perennial.tracking.Stage;
import dev.perennial.tracking.TrackingRuns;
import dev.perennial.tracking.Visible;
import java.util.List;
import java.util.Locale;

/**
 * The calls under {@code import/}: how the command line brings in what another tracking server holds, in MLflow's own messages. Ids, times
 * and stages are kept, which the public calls cannot do; hence only an administrator may call them.
 */
final class ImportCalls {
    static final Need ADMINISTRATOR = new Need(Right.MANAGE, Need.Target.INSTALLATION, "");

    private final RunImport imported;
    private final TrackingRuns runs;
    private final ModelImportCalls models;

    ImportCalls(TrackingRuns runs, RegistryRoom registry) {
        this.runs = runs;
        this.models = new ModelImportCalls(runs, registry);
        this.imported = runs.imported();
    }

    void register(Calls calls) {
        calls.on("POST 2.0 import/check", ADMINISTRATOR, asked -> check(asked.fields()));
        calls.on("POST 2.0 import/experiments", ADMINISTRATOR, asked -> experiments(asked.fields()));
        calls.on("POST 2.0 import/runs", ADMINISTRATOR, asked -> runs(asked.fields()));
        calls.on("POST 2.0 import/metrics", ADMINISTRATOR, asked -> metrics(asked.fields()));
        calls.on("POST 2.0 import/complete", ADMINISTRATOR, asked -> complete(asked.fields()));
        calls.on("GET 2.0 import/digest", ADMINISTRATOR, asked -> digest(asked.fields()));
        models.register(calls);
    }

    private ObjectNode check(Fields fields) {
        List<String> found = imported.collisions(
                fields.required("source"),
                project(fields),
                fields.messages("experiments").stream()
                        .map(one -> new RunImport.Name(one.requiredExperimentId("experiment_id"), one.required("name")))
                        .toList(),
                fields.runIds("run_ids"));
        ObjectNode node = Json.object();
        ArrayNode collisions = node.putArray("collisions");
        found.forEach(collisions::add);
        models.collisions(fields, project(fields)).forEach(collisions::add);
        return node;
    }

    private ObjectNode experiments(Fields fields) {
        ObjectNode node = Json.object();
        ArrayNode here = node.putArray("experiments");
        imported.experiments(
                        fields.required("source"),
                        fields.messages("experiments").stream()
                                .map(one -> experiment(one, project(fields)))
                                .toList())
                .forEach((there, id) ->
                        here.addObject().put("there", String.valueOf(there)).put("experiment_id", String.valueOf(id)));
        return node;
    }

    static String project(Fields fields) {
        String project = fields.filled("project");
        return project == null ? Visible.DEFAULT_PROJECT : project;
    }

    private static Experiment experiment(Fields fields, String project) {
        return new Experiment(
                fields.requiredExperimentId("experiment_id"),
                project,
                fields.required("name"),
                "",
                stage(fields),
                fields.requiredInteger("creation_time"),
                fields.requiredInteger("last_update_time"),
                ExperimentCalls.pairs(fields.messages("tags")));
    }

    private static Stage stage(Fields fields) {
        String stage = fields.required("lifecycle_stage");
        for (Stage known : Stage.values()) {
            if (known.text().equals(stage)) {
                return known;
            }
        }
        throw PerennialException.invalid(
                "lifecycle_stage", "Invalid lifecycle_stage '" + stage + "': expected active or deleted");
    }

    private ObjectNode runs(Fields fields) {
        ObjectNode node = Json.object();
        imported.runs(
                        fields.required("source"),
                        fields.messages("runs").stream().map(ImportCalls::run).toList())
                .forEach(node.putArray("complete")::add);
        return node;
    }

    private static ImportedRun run(Fields fields) {
        Fields info = fields.requiredMessage("info");
        Fields data = fields.requiredMessage("data");
        Fields inputs = fields.requiredMessage("inputs");
        String user = info.text("user_id");
        String name = info.text("run_name");
        return new ImportedRun(
                new RunInfo(
                        info.runId(),
                        info.requiredExperimentId("experiment_id"),
                        name == null ? "" : name,
                        user == null ? "" : user,
                        status(info),
                        info.integer("start_time"),
                        info.integer("end_time"),
                        "",
                        stage(info)),
                fields.filled("artifact_uri"),
                ExperimentCalls.pairs(data.messages("params")),
                ExperimentCalls.pairs(data.messages("tags")),
                inputs.messages("dataset_inputs").stream().map(RunCalls::input).toList(),
                inputs.messages("model_inputs").stream()
                        .map(one -> one.required("model_id"))
                        .toList(),
                fields.requiredMessage("outputs").messages("model_outputs").stream()
                        .map(one ->
                                new ModelOutput(one.required("model_id"), one.integer("step", 0, Integer.MAX_VALUE, 0)))
                        .toList());
    }

    private static RunStatus status(Fields info) {
        String status = info.required("status").toUpperCase(Locale.ROOT);
        for (RunStatus known : RunStatus.values()) {
            if (known.name().equals(status)) {
                return known;
            }
        }
        throw PerennialException.invalid(
                "status", "Invalid status '" + status + "': expected one of " + List.of(RunStatus.values()));
    }

    private ObjectNode metrics(Fields fields) {
        imported.metrics(
                fields.required("source"),
                fields.runId(),
                fields.messages("metrics").stream().map(RunCalls::metric).toList());
        return Json.object();
    }

    private ObjectNode complete(Fields fields) {
        imported.complete(
                fields.required("source"),
                fields.runId(),
                new ImportedRun.Counts(
                        fields.requiredInteger("metrics"),
                        fields.requiredInteger("params"),
                        fields.requiredInteger("tags"),
                        fields.requiredInteger("inputs")));
        return Json.object();
    }

    /** The SHA-256 of a stored file. */
    private ObjectNode digest(Fields fields) {
        return Json.object()
                .put(
                        "sha256",
                        runs.artifacts()
                                .digest(ArtifactPath.of(fields.required("path")))
                                .hex());
    }
}
