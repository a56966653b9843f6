package dev.perennial.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.governance.Right;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.lifecycle.People;
import dev.perennial.rollout.BlockSpec;
import dev.perennial.server.access.ApiRights;
import dev.perennial.server.access.Needs;
import dev.perennial.serving.Deployment;
import dev.perennial.serving.Deployments;
import dev.perennial.serving.EndpointCatalogue;
import dev.perennial.serving.EndpointSettings;
import dev.perennial.serving.ScorerFleet;
import dev.perennial.serving.ServedEndpoint;
import dev.perennial.serving.ServingAct;
import dev.perennial.serving.Traffic;
import dev.perennial.serving.Variant;
import dev.perennial.serving.VersionRef;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Endpoints: where models answer, whichever model it is. What people order returns when every scorer serves it, or after a while. */
@Path("/api/endpoints")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class EndpointsResource {
    private static final Duration SETTLE = Duration.ofSeconds(5);
    private static final String ACTOR = "X-Perennial-Actor";
    private static final String NAME = "endpoint";

    private final Rooms rooms;
    private final ApiRights rights;
    private final EndpointViews views;

    @Inject
    public EndpointsResource(Rooms rooms, ApiRights rights) {
        this.rooms = rooms;
        this.rights = rights;
        this.views = new EndpointViews(rooms, rights);
    }

    @GET
    @Needs(on = Needs.On.SIGNED_IN)
    public String list() {
        return views.list().toString();
    }

    @GET
    @Path("/{endpoint}")
    @Needs(on = Needs.On.ENDPOINT)
    public String show(@PathParam(NAME) String name) {
        return views.show(EndpointCatalogue.meant(name)).toString();
    }

    @POST
    @Needs(value = Right.MANAGE, on = Needs.On.ENDPOINT_PLACE)
    public String create(
            @HeaderParam(ACTOR) @Nullable String actor,
            @Keys({"name", "mode", "key", "log", "limits", "fallback", "by", "reason"}) JsonNode body) {
        ModelId name = EndpointCatalogue.name(Fields.text(body, "name"));
        List<String> key = body.hasNonNull("key") ? texts(body, "key") : List.of();
        ServingAct act = act(actor, body, "made");
        rooms.catalogue().create(act, name, rights.place(), key, EndpointSettings.DEFAULT.with(body));
        return moved(name);
    }

    /** Members that are not named stay. */
    @PUT
    @Path("/{endpoint}")
    @Needs(value = Right.MANAGE, on = Needs.On.ENDPOINT)
    public String change(
            @HeaderParam(ACTOR) @Nullable String actor,
            @PathParam(NAME) String endpoint,
            @Keys({"mode", "key", "log", "limits", "fallback", "edition", "by", "reason"}) JsonNode body) {
        ModelId name = EndpointCatalogue.meant(endpoint);
        Integer edition = body.hasNonNull("edition") ? (Integer) whole(body, "edition") : null;
        List<String> key = body.hasNonNull("key") ? texts(body, "key") : null;
        rooms.catalogue().change(act(actor, body, ""), name, key, body, edition);
        return moved(name);
    }

    /**
     * Takes an endpoint away; its log stays.
     *
     * @param confirm its name, when callers would be refused
     */
    @DELETE
    @Path("/{endpoint}")
    @Needs(value = Right.MANAGE, on = Needs.On.ENDPOINT)
    public String delete(
            @HeaderParam(ACTOR) @Nullable String actor,
            @PathParam(NAME) String endpoint,
            @QueryParam("by") @Nullable String by,
            @QueryParam("reason") @Nullable String reason,
            @QueryParam("confirm") @Nullable String confirm) {
        ObjectNode body = Json.object().put("by", by).put("reason", reason == null ? "" : reason);
        rooms.catalogue().delete(act(actor, body, ""), EndpointCatalogue.meant(endpoint), endpoint.equals(confirm));
        rooms.fleet().settled(SETTLE);
        return "{}";
    }

    /** Starts to deploy a version; an endpoint that is not there is made. */
    @POST
    @Path("/{endpoint}/deploy")
    @Needs(value = Right.MANAGE, on = Needs.On.ENDPOINT_PLACE)
    public String deploy(
            @HeaderParam(ACTOR) @Nullable String actor,
            @PathParam(NAME) String endpoint,
            @Keys({"version", "weight", "now", "load", "resources", "minor", "rollout", "by", "reason"})
                    JsonNode body) {
        ModelId name = EndpointCatalogue.meant(endpoint);
        String project =
                rooms.endpoints().find(name).map(ServedEndpoint::project).orElseGet(rights::place);
        String version = Fields.text(body, "version");
        rights.readsModel(project, rooms.deployments().model(version));
        JsonNode rollout = object(body, "rollout");
        if (rollout != null) {
            BlockSpec.of(rollout); // told now, not when the version was admitted
        }
        Deployment.Plan plan = new Deployment.Plan(
                body.hasNonNull("weight") ? whole(body, "weight") : 0,
                Fields.flag(body, "now"),
                load(Fields.text(body, "load", "eager")),
                object(body, "resources"),
                Fields.flag(body, "minor"),
                rollout);
        Deployment started =
                rooms.deployments().deploy(act(actor, body, ""), new Deployments.Order(name, project, version, plan));
        return EndpointViews.deployment(started).toString();
    }

    /** Of a lifecycle file's endpoint: what the model's own rollback does. */
    @POST
    @Path("/{endpoint}/rollback")
    @Needs(value = Right.MANAGE, on = Needs.On.ENDPOINT)
    public String rollback(
            @HeaderParam(ACTOR) @Nullable String actor,
            @PathParam(NAME) String endpoint,
            @Keys({"version", "by", "reason"}) JsonNode body) {
        ModelId name = EndpointCatalogue.meant(endpoint);
        VersionRef meant = body.hasNonNull("version") ? VersionRef.parse(Fields.text(body, "version")) : null;
        if (rooms.endpoints().get(name).origin() == ServedEndpoint.Origin.lifecycle) {
            checkWarm(name, meant);
            People.Act act = ApiResource.act(actor, body);
            return Served.of(
                    rooms.fleet(), name, Json.tree(rooms.lifecycle().people().rollback(name, act)));
        }
        rooms.traffic().rollback(act(actor, body, ""), name, meant);
        return moved(name);
    }

    private void checkWarm(ModelId name, @Nullable VersionRef meant) {
        List<String> warm = rooms.endpoints().variants(name).stream()
                .filter(variant -> variant.role() == Variant.Role.warm)
                .map(variant -> variant.version().toString())
                .toList();
        if (meant != null && !warm.contains(meant.toString())) {
            throw Traffic.elsewhere(name, meant, warm.isEmpty() ? "none" : String.join(", ", warm));
        }
    }

    @POST
    @Path("/{endpoint}/promote")
    @Needs(value = Right.MANAGE, on = Needs.On.ENDPOINT)
    public String promote(
            @HeaderParam(ACTOR) @Nullable String actor,
            @PathParam(NAME) String endpoint,
            @Keys({"version", "by", "reason"}) JsonNode body) {
        ModelId name = EndpointCatalogue.meant(endpoint);
        VersionRef version = body.hasNonNull("version") ? VersionRef.parse(Fields.text(body, "version")) : null;
        rooms.traffic().promote(act(actor, body, ""), name, version);
        return moved(name);
    }

    @POST
    @Path("/{endpoint}/weights")
    @Needs(value = Right.MANAGE, on = Needs.On.ENDPOINT)
    public String weights(
            @HeaderParam(ACTOR) @Nullable String actor,
            @PathParam(NAME) String endpoint,
            @Keys({"weights", "by", "reason"}) JsonNode body) {
        ModelId name = EndpointCatalogue.meant(endpoint);
        if (!body.path("weights").isArray()) {
            throw PerennialException.invalid("weights", "a list 'weights' of {version, weight} is needed");
        }
        Map<VersionRef, Integer> weights = new LinkedHashMap<>();
        for (JsonNode one : body.get("weights")) {
            if (weights.put(VersionRef.parse(Fields.text(one, "version")), whole(one, "weight")) != null) {
                throw PerennialException.invalid("weights", "'weights' names " + one.get("version") + " twice");
            }
        }
        rooms.traffic().weights(act(actor, body, ""), name, weights);
        return moved(name);
    }

    @POST
    @Path("/{endpoint}/remove")
    @Needs(value = Right.MANAGE, on = Needs.On.ENDPOINT)
    public String remove(
            @HeaderParam(ACTOR) @Nullable String actor,
            @PathParam(NAME) String endpoint,
            @Keys({"version", "by", "reason"}) JsonNode body) {
        ModelId name = EndpointCatalogue.meant(endpoint);
        rooms.traffic().remove(act(actor, body, ""), name, VersionRef.parse(Fields.text(body, "version")));
        return moved(name);
    }

    /** Which endpoint answers the routes of MLflow's scoring protocol that name none: it concerns all who call them. */
    @POST
    @Path("/{endpoint}/default")
    @Needs(value = Right.MANAGE, on = Needs.On.INSTALLATION)
    public String byDefault(
            @HeaderParam(ACTOR) @Nullable String actor,
            @PathParam(NAME) String endpoint,
            @Keys({"on", "by", "reason"}) JsonNode body) {
        rooms.catalogue().byDefault(act(actor, body, ""), EndpointCatalogue.meant(endpoint), Fields.flag(body, "on"));
        rooms.fleet().settled(SETTLE);
        return "{}";
    }

    /** Sends a body to a live scorer and brings its answer back. */
    @POST
    @Path("/{endpoint}/try")
    @Needs(value = Right.USE, on = Needs.On.ENDPOINT)
    public String attempt(@PathParam(NAME) String endpoint, @Keys({"protocol", "body"}) JsonNode body) {
        ModelId name = EndpointCatalogue.meant(endpoint);
        rooms.endpoints().get(name);
        String protocol = Fields.text(body, "protocol", "records");
        String path = switch (protocol) {
            case "records" -> "/endpoints/" + name + "/predict";
            case "invocations" -> "/serving/" + name + "/invocations";
            case "v2" -> "/v2/models/" + name + "/infer";
            default ->
                throw PerennialException.invalid(
                        "protocol", "protocol '" + protocol + "' is not one of records, invocations, v2");
        };
        JsonNode sent = object(body, "body");
        if (sent == null) {
            throw PerennialException.invalid("body", "'body' is needed: the object that the scorer's route takes");
        }
        ScorerFleet.Scorer scorer = rooms.fleet().scorers().stream()
                .filter(ScorerFleet.Scorer::alive)
                .filter(one -> one.id().startsWith(ScorerSupervisor.OWN)) // others do not take the installation's token
                .max(java.util.Comparator.comparingLong(ScorerFleet.Scorer::applied))
                .orElseThrow(() -> PerennialException.state(
                        "no scorer of this server is alive to try it; see 'perennial status'"));
        EndpointTrial.Answer answer = new EndpointTrial(rooms.token()).post(scorer, path, sent.toString());
        ObjectNode told = Json.object()
                .put("status", answer.status())
                .put("protocol", protocol)
                .put("scorer", scorer.id())
                .put("predictionId", answer.predictionId().orElse(null))
                .put("fallback", answer.fallback().orElse(null));
        told.set("body", json(answer.body()));
        return told.toString();
    }

    private static JsonNode json(String text) {
        try {
            return Json.parse(text);
        } catch (PerennialException e) {
            return Json.tree(text);
        }
    }

    private String moved(ModelId name) {
        rooms.fleet().settled(SETTLE);
        return Served.of(rooms.fleet(), name, views.show(name));
    }

    /** @param byDefault the reason where none is given; empty: one is needed */
    private static ServingAct act(@Nullable String actor, JsonNode body, String byDefault) {
        String reason = Fields.text(body, "reason", "");
        People.Act person = new People.Act(
                ApiResource.by(actor, body), reason.isBlank() && !byDefault.isEmpty() ? byDefault : reason);
        return new ServingAct("user:" + person.by(), person.reason());
    }

    private static Variant.Load load(String word) {
        return switch (word) {
            case "eager" -> Variant.Load.eager;
            case "demand" -> Variant.Load.demand;
            default -> throw PerennialException.invalid("load", "'load' is '" + word + "'; it must be eager or demand");
        };
    }

    private static int whole(JsonNode body, String name) {
        JsonNode value = body.path(name);
        if (!value.isInt()) {
            throw PerennialException.invalid(name, "'" + name + "' must be a whole number, got " + value);
        }
        return value.asInt();
    }

    private static @Nullable JsonNode object(JsonNode body, String name) {
        JsonNode value = body.path(name);
        if (!value.isObject() && !value.isMissingNode() && !value.isNull()) {
            throw PerennialException.invalid(name, "'" + name + "' must be an object, got " + value.getNodeType());
        }
        return value.isObject() ? value : null;
    }

    private static List<String> texts(JsonNode body, String name) {
        List<String> texts = new ArrayList<>();
        JsonNode list = body.get(name);
        if (!list.isArray()) {
            throw PerennialException.invalid(name, "'" + name + "' must be a list of texts, got " + list);
        }
        for (JsonNode one : list) {
            if (!one.isTextual()) {
                throw PerennialException.invalid(name, "'" + name + "' must be a list of texts, got " + list);
            }
            texts.add(one.asText());
        }
        return texts;
    }
}
