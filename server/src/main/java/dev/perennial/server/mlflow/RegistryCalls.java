package dev.perennial.server.mlflow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.governance.Grants;
import dev.perennial.governance.Right;
import dev.perennial.governance.Thing;
import dev.perennial.kernel.Json;
import dev.perennial.registry.ModelName;
import dev.perennial.registry.RegisteredModel;
import dev.perennial.registry.RegisteredModels;
import dev.perennial.registry.RegisteredVersions;
import dev.perennial.registry.RegistryRoom;
import dev.perennial.registry.VersionStage;
import dev.perennial.tracking.KeyValue;
import dev.perennial.tracking.View;
import dev.perennial.tracking.search.SearchRequest;
import java.util.List;

/** The calls under {@code registered-models/}. */
final class RegistryCalls {
    private static final int LIMIT_MAX = 1000;
    private static final int LIMIT_DEFAULT = 100;

    private final RegisteredModels models;
    private final RegisteredVersions versions;

    private final MlflowRights rights;
    private final Grants grants;

    RegistryCalls(RegistryRoom registry, MlflowRights rights, Grants grants) {
        this.models = registry.models();
        this.versions = registry.versions();
        this.rights = rights;
        this.grants = grants;
    }

    void register(Calls calls) {
        calls.on("POST 2.0 registered-models/create", Need.project(Right.EDIT), this::create);
        calls.on("GET 2.0 registered-models/get", Need.model(Right.READ), asked -> wrapped(models.get(name(asked))));
        calls.on("GET 2.0 registered-models/search", Need.project(Right.READ), this::search);
        calls.on(
                "PATCH 2.0 registered-models/update",
                Need.model(Right.EDIT),
                asked -> wrapped(models.describe(name(asked), asked.fields().text("description"))));
        calls.on("POST 2.0 registered-models/rename", Need.model(Right.MANAGE), this::rename);
        calls.on("DELETE 2.0 registered-models/delete", Need.model(Right.MANAGE), asked -> {
            models.delete(Actor.of(asked), name(asked), tx -> grants.gone(tx, thing(name(asked))));
            return Json.object();
        });
        calls.on("POST 2.0 registered-models/get-latest-versions", Need.model(Right.READ), this::latest);
        calls.on("GET 2.0 registered-models/get-latest-versions", Need.model(Right.READ), this::latest);
        calls.on("POST 2.0 registered-models/set-tag", Need.model(Right.EDIT), asked -> {
            models.setTag(name(asked), tag(asked.fields()));
            return Json.object();
        });
        calls.on("DELETE 2.0 registered-models/delete-tag", Need.model(Right.EDIT), asked -> {
            models.deleteTag(name(asked), asked.fields().required("key"));
            return Json.object();
        });
        calls.on("POST 2.0 registered-models/alias", Need.model(Right.EDIT), this::setAlias);
        calls.on("DELETE 2.0 registered-models/alias", Need.model(Right.EDIT), asked -> {
            models.deleteAlias(Actor.of(asked), name(asked), asked.fields().required("alias"));
            return Json.object();
        });
        calls.on(
                "GET 2.0 registered-models/alias",
                Need.model(Right.READ),
                asked -> RegistryWire.wrapped(
                        versions.byAlias(name(asked), asked.fields().required("alias"))));
    }

    /** The model that a request is about. */
    static ModelName name(Call.Asked asked) {
        return new ModelName(Actor.project(asked), asked.fields().required("name"));
    }

    private static Thing thing(ModelName name) {
        return Thing.model(name.project(), name.text());
    }

    static KeyValue tag(Fields fields) {
        return new KeyValue(fields.required("key"), fields.requiredText("value"));
    }

    private ObjectNode create(Call.Asked asked) {
        return wrapped(models.create(
                Actor.of(asked),
                name(asked),
                asked.fields().text("description"),
                ExperimentCalls.pairs(asked.fields().messages("tags")),
                tx -> grants.made(tx, asked.asker().caller(), thing(name(asked)))));
    }

    private static ObjectNode wrapped(RegisteredModel model) {
        ObjectNode node = Json.object();
        node.set("registered_model", RegistryWire.model(model));
        return node;
    }

    private ObjectNode search(Call.Asked asked) {
        Fields fields = asked.fields();
        SearchRequest request = new SearchRequest(
                fields.text("filter"),
                fields.texts("order_by"),
                View.ALL,
                fields.integer("max_results", 1, LIMIT_MAX, LIMIT_DEFAULT),
                fields.text("page_token"));
        return Wire.page(
                "registered_models", models.search(request, rights.visibleModels(asked.asker())), RegistryWire::model);
    }

    private ObjectNode rename(Call.Asked asked) {
        ModelName to = new ModelName(Actor.project(asked), asked.fields().required("new_name"));
        return wrapped(
                models.rename(Actor.of(asked), name(asked), to, tx -> grants.moved(tx, thing(name(asked)), thing(to))));
    }

    private ObjectNode latest(Call.Asked asked) {
        List<VersionStage> stages =
                asked.fields().texts("stages").stream().map(VersionStage::of).toList();
        ObjectNode node = Json.object();
        Wire.putList(node, "model_versions", versions.latest(name(asked), stages), RegistryWire::version);
        return node;
    }

    private ObjectNode setAlias(Call.Asked asked) {
        models.setAlias(
                Actor.of(asked),
                name(asked),
                asked.fields().required("alias"),
                RegisteredVersions.number(asked.fields().required("version")));
        return Json.object();
    }
}
