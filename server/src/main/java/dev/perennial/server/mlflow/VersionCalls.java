package dev.perennial.server.mlflow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.governance.Right;
import dev.perennial.kernel.Json;
import dev.perennial.registry.NewVersion;
import dev.perennial.registry.RegisteredVersions;
import dev.perennial.registry.RegistryRoom;
import dev.perennial.registry.VersionStage;
import dev.perennial.tracking.View;
import dev.perennial.tracking.search.SearchRequest;

/** The calls under {@code model-versions/}. */
final class VersionCalls {
    /** Clients may ask for so many; pages are never larger than those of any search, and their tokens lead on. */
    private static final int ASKED_MAX = 200_000;

    private static final int LIMIT_DEFAULT = 10_000;

    private final RegisteredVersions versions;

    private final MlflowRights rights;

    VersionCalls(RegistryRoom registry, MlflowRights rights) {
        this.versions = registry.versions();
        this.rights = rights;
    }

    void register(Calls calls) {
        calls.on("POST 2.0 model-versions/create", Need.model(Right.EDIT), this::create);
        calls.on(
                "GET 2.0 model-versions/get",
                Need.model(Right.READ),
                asked -> RegistryWire.wrapped(versions.get(RegistryCalls.name(asked), number(asked))));
        calls.on("GET 2.0 model-versions/search", Need.project(Right.READ), this::search);
        calls.on(
                "GET 2.0 model-versions/get-download-uri",
                Need.model(Right.READ),
                asked -> Json.object()
                        .put("artifact_uri", versions.downloadUri(RegistryCalls.name(asked), number(asked))));
        calls.on(
                "PATCH 2.0 model-versions/update",
                Need.model(Right.EDIT),
                asked -> RegistryWire.wrapped(versions.describe(
                        RegistryCalls.name(asked), number(asked), asked.fields().text("description"))));
        calls.on("DELETE 2.0 model-versions/delete", Need.model(Right.MANAGE), asked -> {
            versions.delete(Actor.of(asked), RegistryCalls.name(asked), number(asked));
            return Json.object();
        });
        calls.on("POST 2.0 model-versions/transition-stage", Need.model(Right.EDIT), this::transition);
        calls.on("POST 2.0 model-versions/set-tag", Need.model(Right.EDIT), asked -> {
            versions.setTag(RegistryCalls.name(asked), number(asked), RegistryCalls.tag(asked.fields()));
            return Json.object();
        });
        calls.on("DELETE 2.0 model-versions/delete-tag", Need.model(Right.EDIT), asked -> {
            versions.deleteTag(
                    RegistryCalls.name(asked), number(asked), asked.fields().required("key"));
            return Json.object();
        });
    }

    private static int number(Call.Asked asked) {
        return RegisteredVersions.number(asked.fields().required("version"));
    }

    private ObjectNode create(Call.Asked asked) {
        Fields fields = asked.fields();
        rights.source(asked.asker(), fields.required("source"), fields.filled("run_id"), fields.filled("model_id"));
        return RegistryWire.wrapped(versions.create(
                Actor.of(asked),
                RegistryCalls.name(asked),
                new NewVersion(
                        fields.required("source"),
                        fields.filled("run_id"),
                        fields.filled("run_link"),
                        fields.filled("model_id"),
                        fields.text("description"),
                        ExperimentCalls.pairs(fields.messages("tags")))));
    }

    private ObjectNode search(Call.Asked asked) {
        Fields fields = asked.fields();
        int limit = fields.integer("max_results", 1, ASKED_MAX, LIMIT_DEFAULT);
        SearchRequest request = new SearchRequest(
                fields.text("filter"),
                fields.texts("order_by"),
                View.ALL,
                Math.min(limit, SearchRequest.LIMIT_MAX),
                fields.text("page_token"));
        return Wire.page(
                "model_versions", versions.search(request, rights.visibleModels(asked.asker())), RegistryWire::version);
    }

    private ObjectNode transition(Call.Asked asked) {
        Fields fields = asked.fields();
        VersionStage stage = VersionStage.of(fields.required("stage"));
        Boolean archive = fields.flag("archive_existing_versions");
        if (archive == null) {
            throw fields.missing("archive_existing_versions");
        }
        return RegistryWire.wrapped(
                versions.transition(Actor.of(asked), RegistryCalls.name(asked), number(asked), stage, archive));
    }
}
