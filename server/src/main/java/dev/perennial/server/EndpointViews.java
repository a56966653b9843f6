package dev.perennial.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.server.access.ApiRights;
import dev.perennial.serving.Deployment;
import dev.perennial.serving.Endpoints;
import dev.perennial.serving.MissingEnvironment;
import dev.perennial.serving.ScorerFleet;
import dev.perennial.serving.ServedEndpoint;
import dev.perennial.serving.Variant;
import dev.perennial.serving.VersionRef;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What people see of endpoints, as JSON: read only, gathered from the rooms. */
final class EndpointViews {
    private final Rooms rooms;
    private final ApiRights rights;

    EndpointViews(Rooms rooms, ApiRights rights) {
        this.rooms = rooms;
        this.rights = rights;
    }

    JsonNode list() {
        ObjectNode body = Json.object();
        ArrayNode items = body.putArray("items");
        long revision = rooms.endpoints().revision();
        List<ScorerFleet.Scorer> scorers = rooms.fleet().scorers();
        for (ServedEndpoint endpoint : rooms.endpoints().list()) {
            if (rights.seesEndpoint(endpoint.name().toString())) {
                ObjectNode item = summary(endpoint, scorers, revision);
                ArrayNode variants = item.putArray("variants");
                for (Variant variant : rooms.endpoints().variants(endpoint.name())) {
                    ObjectNode shown = variant(variants, variant);
                    shown.putObject("model")
                            .put("manifest", variant.manifest().hex())
                            .put("file", variant.file().hex());
                }
                items.add(item);
            }
        }
        body.putNull("next");
        return body;
    }

    private static ObjectNode variant(ArrayNode variants, Variant variant) {
        return variants.addObject()
                .put("version", variant.version().toString())
                .put("role", variant.role().name())
                .put("weight", variant.weight());
    }

    private ObjectNode summary(ServedEndpoint endpoint, List<ScorerFleet.Scorer> scorers, long revision) {
        ModelId name = endpoint.name();
        boolean ofFile = endpoint.origin() == ServedEndpoint.Origin.lifecycle;
        String project = endpoint.project();
        ObjectNode item = Json.object()
                .put("name", name.toString())
                .put("project", project == null ? rooms.governance().models().of(name.name()) : project)
                .put("origin", endpoint.origin().name())
                .put("model", ofFile ? name.toString() : null)
                .put("mode", endpoint.settings().mode().name())
                .put("default", endpoint.isDefault())
                .put("state", state(name, scorers, revision))
                .put("records", rooms.predictions().count(name))
                .put("rollout", rooms.endpoints().rollingOut(name) ? endpoint.rollout() : null);
        item.set("key", Json.tree(endpoint.key()));
        List<ScorerFleet.Scorer> alive = scorers.stream()
                .filter(scorer -> scorer.alive() && scorer.serves(name.toString()))
                .sorted(Comparator.comparing(scorer -> !scorer.id().startsWith(ScorerSupervisor.OWN)))
                .toList();
        item.put("url", alive.isEmpty() ? null : alive.getFirst().url());
        ArrayNode urls = item.putArray("urls");
        alive.forEach(scorer -> urls.add(scorer.url() + "/endpoints/" + name + "/predict"));
        return item;
    }

    private String state(ModelId name, List<ScorerFleet.Scorer> scorers, long revision) {
        boolean answers =
                rooms.endpoints().variants(name).stream().anyMatch(variant -> variant.role() == Variant.Role.champion);
        boolean current = scorers.stream().anyMatch(scorer -> scorer.alive() && scorer.applied() >= revision);
        return !answers ? "EMPTY" : current ? "SERVING" : "WAITING";
    }

    /** Everything that a page about one endpoint needs. */
    ObjectNode show(ModelId name) {
        Endpoints endpoints = rooms.endpoints();
        ServedEndpoint endpoint = endpoints.get(name);
        long revision = endpoints.revision();
        List<ScorerFleet.Scorer> scorers = rooms.fleet().scorers();
        ObjectNode body = summary(endpoint, scorers, revision)
                .put("edition", endpoint.edition())
                .put("createdAt", endpoint.createdAt())
                .put("createdBy", endpoint.createdBy())
                .put("revision", revision);
        body.set("settings", Json.tree(endpoint.settings()));
        List<Variant> variants = endpoints.variants(name);
        ArrayNode shown = body.putArray("variants");
        variants.forEach(variant -> described(name, variant(shown, variant), variant));
        ArrayNode serving = body.putArray("scorers");
        scorers.forEach(scorer -> serving.add(scorer(scorer, name, revision)));
        schema(body, name, variants);
        ArrayNode deployments = body.putArray("deployments");
        rooms.deployments().list(name).forEach(deployment -> deployments.add(deployment(deployment)));
        return body;
    }

    private static ObjectNode scorer(ScorerFleet.Scorer scorer, ModelId endpoint, long revision) {
        List<MissingEnvironment> missing = scorer.missing(endpoint);
        ObjectNode shown = Json.object()
                .put("id", scorer.id())
                .put("url", scorer.url())
                .put("alive", scorer.alive())
                .put("revision", scorer.applied())
                .put("current", scorer.alive() && scorer.applied() >= revision && missing.isEmpty());
        shown.set("environments", Json.tree(missing));
        return shown;
    }

    static JsonNode deployment(Deployment deployment) {
        ObjectNode shown = Json.tree(deployment).deepCopy();
        shown.remove(List.of("admission", "manifest", "file", "environment"));
        return shown.put("now", deployment.plan().now())
                .put("by", deployment.by().substring(deployment.by().indexOf(':') + 1));
    }

    private void described(ModelId name, ObjectNode shown, Variant variant) {
        shown.put("model", variant.version().model())
                .put("number", variant.version().number())
                .put("format", manifest(variant).path("format").asText(null))
                .put("load", variant.load().name())
                .put("manifest", variant.manifest().hex())
                .put("file", variant.file().hex())
                .put("environment", variant.environment());
        shown.set("resources", variant.resources());
        shown.set("admission", admission(name, variant).orElse(null));
    }

    private JsonNode manifest(Variant variant) {
        return Json.parse(rooms.blobs().bytes(variant.manifest()));
    }

    private Optional<JsonNode> admission(ModelId name, Variant variant) {
        return rooms.deployments().admission(name, variant).or(() -> ofLoop(variant.version()));
    }

    private Optional<JsonNode> ofLoop(VersionRef version) {
        return version.ofLoop().flatMap(id -> rooms.registry().evidence(id, "admission"));
    }

    /** What the champion takes; without one, what the newest variant would take. */
    private void schema(ObjectNode body, ModelId name, List<Variant> variants) {
        ArrayNode inputs = body.putArray("inputs");
        ArrayNode tensors = body.putArray("tensors");
        ArrayNode outputs = body.putArray("outputs");
        body.putNull("example").putNull("servingExample");
        variants.stream()
                .filter(variant -> variant.role() == Variant.Role.champion)
                .findFirst()
                .or(() -> variants.stream().findFirst())
                .ifPresent(variant -> {
                    JsonNode manifest = manifest(variant);
                    JsonNode evidence = admission(name, variant)
                            .map(found -> found.path("evidence"))
                            .orElse(Json.object());
                    boolean columns = manifest.path("signature").isArray();
                    manifest.path("signature").forEach(inputs::add);
                    if (!columns) {
                        tensors(manifest.path("inputs"), evidence.path("inputs"), tensors);
                    }
                    tensors(manifest.path("outputs"), evidence.path("outputs"), outputs);
                    body.set("example", orNull(manifest.path("inputExample")));
                    body.set("servingExample", orNull(manifest.at("/mlflow/servingExample")));
                });
    }

    private static void tensors(JsonNode declared, JsonNode seen, ArrayNode shown) {
        for (JsonNode tensor : declared.isArray() ? declared : seen) {
            ObjectNode one = shown.addObject();
            one.set("name", tensor.path("name"));
            one.set("datatype", tensor.path("type"));
            one.set("shape", tensor.path("shape"));
        }
    }

    private static JsonNode orNull(JsonNode node) {
        return node.isMissingNode() ? Json.parse("null") : node;
    }
}
