package dev.perennial.server.mlflow;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.registry.ImportedRegistration;
import dev.perennial.registry.ImportedVersion;
import dev.perennial.registry.ModelAlias;
import dev.perennial.registry.ModelName;
import dev.perennial.registry.RegisteredVersion;
import dev.perennial.registry.RegisteredVersions;
import dev.perennial.registry.RegistryImport;
import dev.perennial.registry.RegistryRoom;
import dev.perennial.registry.VersionStage;
import dev.perennial.tracking.Metric;
import dev.perennial.tracking.MetricOrigin;
import dev.perennial.tracking.Stage;
import dev.perennial.tracking.TrackingRuns;
import dev.perennial.tracking.models.ImportedModel;
import dev.perennial.tracking.models.ModelImport;
import dev.perennial.tracking.models.ModelInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The calls under {@code import/} for logged and registered models, as {@link ImportCalls} has them for runs. */
final class ModelImportCalls {
    private final ModelImport logged;
    private final RegistryImport registered;

    ModelImportCalls(TrackingRuns runs, RegistryRoom registry) {
        this.logged = runs.importedModels();
        this.registered = registry.imported();
    }

    void register(Calls calls) {
        Need need = ImportCalls.ADMINISTRATOR;
        calls.on("POST 2.0 import/logged-models", need, asked -> models(asked.fields()));
        calls.on("POST 2.0 import/logged-models/metrics", need, asked -> metrics(asked.fields()));
        calls.on("POST 2.0 import/logged-models/complete", need, asked -> complete(asked.fields()));
        calls.on("POST 2.0 import/registered-models", need, this::registered);
        calls.on("POST 2.0 import/registered-models/complete", need, this::completeRegistered);
        calls.on("POST 2.0 import/model-versions", need, this::versions);
    }

    /** What cannot come, added to the answer of a check. */
    List<String> collisions(Fields fields, String project) {
        String source = fields.required("source");
        List<String> found = new ArrayList<>(logged.collisions(source, fields.texts("model_ids")));
        found.addAll(registered.collisions(
                source,
                fields.messages("registered_models").stream()
                        .map(model -> new RegistryImport.Wanted(
                                new ModelName(project, model.required("name")),
                                model.texts("versions").stream()
                                        .map(RegisteredVersions::number)
                                        .toList()))
                        .toList()));
        return found;
    }

    private ObjectNode models(Fields fields) {
        ObjectNode node = Json.object();
        logged.models(
                        fields.required("source"),
                        fields.messages("models").stream()
                                .map(ModelImportCalls::model)
                                .toList())
                .forEach(node.putArray("complete")::add);
        return node;
    }

    private static ImportedModel model(Fields fields) {
        Fields info = fields.requiredMessage("info");
        Fields data = fields.requiredMessage("data");
        return new ImportedModel(
                new ModelInfo(
                        LoggedModelCalls.id(info),
                        info.requiredExperimentId("experiment_id"),
                        info.required("name"),
                        info.filled("model_type"),
                        info.filled("source_run_id"),
                        "",
                        LoggedModelCalls.status(info),
                        info.requiredInteger("creation_timestamp_ms"),
                        info.requiredInteger("last_updated_timestamp_ms"),
                        Stage.ACTIVE),
                fields.filled("artifact_uri"),
                ExperimentCalls.pairs(data.messages("params")),
                ExperimentCalls.pairs(info.messages("tags")));
    }

    private ObjectNode metrics(Fields fields) {
        String model = LoggedModelCalls.id(fields);
        Map<String, List<Metric>> ofRuns = new LinkedHashMap<>();
        for (Fields metric : fields.messages("metrics")) {
            Metric told = RunCalls.metric(metric);
            ofRuns.computeIfAbsent(metric.runId(), run -> new ArrayList<>())
                    .add(new Metric(
                            told.key(),
                            told.value(),
                            told.at(),
                            told.step(),
                            MetricOrigin.of(model, metric.text("dataset_name"), metric.text("dataset_digest"))));
        }
        return Json.object().put("without_run", logged.metrics(fields.required("source"), model, ofRuns));
    }

    private ObjectNode complete(Fields fields) {
        logged.complete(
                fields.required("source"),
                LoggedModelCalls.id(fields),
                fields.runIds("run_ids"),
                new ImportedModel.Counts(
                        fields.requiredInteger("metrics"),
                        fields.requiredInteger("params"),
                        fields.requiredInteger("tags")));
        return Json.object();
    }

    private static ModelName name(Fields fields, String text) {
        return new ModelName(ImportCalls.project(fields), text);
    }

    private ObjectNode registered(Call.Asked asked) {
        Fields fields = asked.fields();
        ObjectNode node = Json.object();
        ArrayNode list = node.putArray("registered_models");
        for (Fields model : fields.messages("registered_models")) {
            String user = model.text("user_id");
            ModelName name = name(fields, model.required("name"));
            RegistryImport.Came came = registered.model(
                    Actor.of(asked),
                    fields.required("source"),
                    new ImportedRegistration(
                            name,
                            model.text("description"),
                            user == null ? "" : user,
                            times(model),
                            ExperimentCalls.pairs(model.messages("tags"))));
            ObjectNode told = list.addObject().put("name", name.text()).put("complete", came.complete());
            came.versions().stream().map(String::valueOf).forEach(told.putArray("versions")::add);
        }
        return node;
    }

    private static RegisteredVersion.Times times(Fields fields) {
        long made = fields.requiredInteger("creation_timestamp");
        Long updated = fields.integer("last_updated_timestamp");
        return new RegisteredVersion.Times(made, updated == null ? made : updated);
    }

    private ObjectNode versions(Call.Asked asked) {
        Fields fields = asked.fields();
        ObjectNode node = Json.object();
        ArrayNode list = node.putArray("model_versions");
        for (Fields version : fields.messages("model_versions")) {
            RegistryImport.Taken taken = registered.version(
                    Actor.of(asked),
                    fields.required("source"),
                    name(fields, fields.required("name")),
                    version(version));
            list.addObject()
                    .put("version", version.required("version"))
                    .put("made", taken.made())
                    .put("files", taken.files())
                    .put("bytes", taken.bytes())
                    .put("note", taken.note());
        }
        return node;
    }

    private static ImportedVersion version(Fields fields) {
        String user = fields.text("user_id");
        String stage = fields.filled("current_stage");
        RegisteredVersion.Status status = fields.constant("status", RegisteredVersion.Status.class);
        return new ImportedVersion(
                RegisteredVersions.number(fields.required("version")),
                new RegisteredVersion.Origin(
                        fields.requiredText("source"),
                        fields.filled("storage"),
                        fields.filled("run_id"),
                        fields.filled("run_link"),
                        fields.filled("model_id")),
                stage == null ? VersionStage.NONE : VersionStage.of(stage),
                new RegisteredVersion.Standing(
                        status == null ? RegisteredVersion.Status.READY : status,
                        fields.filled("status_message"),
                        null),
                times(fields),
                user == null ? "" : user,
                fields.text("description"),
                ExperimentCalls.pairs(fields.messages("tags")));
    }

    private ObjectNode completeRegistered(Call.Asked asked) {
        Fields fields = asked.fields();
        RegistryImport.Closed closed = registered.complete(
                Actor.of(asked),
                fields.required("source"),
                name(fields, fields.required("name")),
                fields.requiredInteger("last_updated_timestamp"),
                new RegistryImport.Counts(
                        fields.requiredInteger("versions"),
                        fields.requiredInteger("version_tags"),
                        fields.requiredInteger("tags")),
                fields.messages("aliases").stream()
                        .map(alias -> new ModelAlias(
                                alias.required("alias"), RegisteredVersions.number(alias.required("version"))))
                        .toList());
        ObjectNode node = Json.object().put("aliases", closed.aliases());
        closed.notes().forEach(node.putArray("notes")::add);
        return node;
    }
}
