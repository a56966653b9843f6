package dev.perennial.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.events.EventLog;
import dev.perennial.governance.Right;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PageRequest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.VersionId;
import dev.perennial.lifecycle.Applications;
import dev.perennial.lifecycle.People;
import dev.perennial.lifecycle.Proposal;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.lifecycle.file.LifecycleParser;
import dev.perennial.lifecycle.file.ParseResult;
import dev.perennial.pipelines.RunId;
import dev.perennial.server.access.ApiRights;
import dev.perennial.server.access.Needs;
import dev.perennial.serving.Label;
import dev.perennial.serving.ScorerFleet;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The product's own API over lifecycle, models, decisions and pipelines. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class ApiResource {
    private static final int WAIT_SECONDS_MAX = 25;
    private static final long MODEL_BYTES_MAX = 256L << 20;
    private static final long MANIFEST_BYTES_MAX = 4L << 20;
    private static final Duration REPRODUCE_PATIENCE = Duration.ofMinutes(5);
    private static final String ACTOR = "X-Perennial-Actor";
    private static final List<String> LABEL = List.of("id", "label", "eventTime", "knownAt");

    private final Rooms rooms;
    private final ApiRights rights;
    private final ModelViews views;

    @Inject
    public ApiResource(Rooms rooms, ApiRights rights) {
        this.rooms = rooms;
        this.rights = rights;
        this.views = new ModelViews(rooms, rights);
    }

    @GET
    @Path("/status")
    @Needs(on = Needs.On.SIGNED_IN)
    public String status() {
        ObjectNode body =
                Json.object().put("version", Version.TEXT).put("ready", true).put("startedAt", rooms.startedAt());
        if (!rights.caller().unrestricted()) {
            return body.toString();
        }
        body.put("leads", rooms.leading().leads())
                .put("dataDir", rooms.settings().dataDir().toString())
                .put("pid", ProcessHandle.current().pid())
                .put("url", "http://127.0.0.1:" + rooms.settings().port());
        body.put("scorerPid", rooms.scorer().pid().orElse(null));
        body.set("scorers", scorers());
        body.set("workers", Json.tree(rooms.engine().workers()));
        return body.toString();
    }

    @POST
    @Path("/lifecycle/validate")
    @Needs(on = Needs.On.SIGNED_IN)
    public String validate(@Keys({"text", "path"}) JsonNode body) {
        ParseResult parsed = LifecycleParser.parse(
                text(body, "text"),
                java.util.Objects.requireNonNull(Fields.path(body, "path").getParent()));
        ObjectNode answer = Json.object();
        answer.set("problems", Json.tree(parsed.problems()));
        answer.put("model", parsed.file().map(LifecycleFile::model).orElse(""));
        return answer.toString();
    }

    @POST
    @Path("/lifecycle/plan")
    @Needs(on = Needs.On.LIFECYCLE_FILE)
    public String plan(
            @HeaderParam(ACTOR) @Nullable String actor,
            @Keys({"text", "path", "as", "sourcePaths", "replayClock"}) JsonNode body) {
        Applications.Order order = order(body, actor);
        mayApply(Right.READ, order, false);
        return Json.write(rooms.lifecycle().applications().plan(order));
    }

    @POST
    @Path("/lifecycle/apply")
    @Needs(value = Right.MANAGE, on = Needs.On.LIFECYCLE_FILE)
    public String apply(
            @HeaderParam(ACTOR) @Nullable String actor,
            @Keys({"text", "path", "as", "sourcePaths", "replayClock"}) JsonNode body) {
        Applications.Order order = order(body, actor);
        mayApply(Right.MANAGE, order, true);
        Applications.Outcome outcome = rooms.lifecycle().applications().apply(order);
        if (outcome.applied()) {
            rooms.fleet().wake();
            rooms.lifecycle().loop().wake(ModelId.parse(outcome.model()));
        }
        return Json.write(outcome);
    }

    @GET
    @Path("/models")
    @Needs(on = Needs.On.SIGNED_IN)
    public String models(
            @QueryParam("limit") @Nullable Integer limit, @QueryParam("page_token") @Nullable String token) {
        return views.models(PageRequest.of(limit, token)).toString();
    }

    @GET
    @Path("/models/{model}")
    @Needs(on = Needs.On.MODEL)
    public String model(@PathParam("model") String model) {
        return views.model(ModelId.parse(model)).toString();
    }

    @GET
    @Path("/models/{model}/versions")
    @Needs(on = Needs.On.MODEL)
    public String versions(
            @PathParam("model") String model,
            @QueryParam("limit") @Nullable Integer limit,
            @QueryParam("page_token") @Nullable String token) {
        return views.versions(ModelId.parse(model), PageRequest.of(limit, token))
                .toString();
    }

    @GET
    @Path("/models/{model}/versions/{number}")
    @Needs(on = Needs.On.MODEL)
    public String version(@PathParam("model") String model, @PathParam("number") int number) {
        return views.version(ModelId.parse(model), number).toString();
    }

    /** Rebuilds a version from its lineage and waits for the comparison. */
    @POST
    @Path("/models/{model}/versions/{number}/reproduce")
    @Needs(value = Right.EDIT, on = Needs.On.MODEL)
    public String reproduce(@PathParam("model") String model, @PathParam("number") int number) {
        VersionId id = new VersionId(ModelId.parse(model), number);
        return rooms.lifecycle()
                .reproduction()
                .reproduce(id, Long.toString(rooms.clock().millis()), REPRODUCE_PATIENCE)
                .toString();
    }

    @GET
    @Path("/models/{model}/snapshots")
    @Needs(on = Needs.On.MODEL)
    public String snapshots(
            @PathParam("model") String model,
            @QueryParam("limit") @Nullable Integer limit,
            @QueryParam("page_token") @Nullable String token) {
        return views.snapshots(ModelId.parse(model), PageRequest.of(limit, token))
                .toString();
    }

    @GET
    @Path("/models/{model}/decisions")
    @Needs(on = Needs.On.MODEL)
    public String decisions(
            @PathParam("model") String model,
            @QueryParam("kind") @Nullable String kind,
            @QueryParam("limit") @Nullable Integer limit,
            @QueryParam("page_token") @Nullable String token) {
        return views.decisions(ModelId.parse(model), Optional.ofNullable(kind), PageRequest.of(limit, token))
                .toString();
    }

    @GET
    @Path("/models/{model}/decisions/{id}")
    @Needs(on = Needs.On.MODEL)
    public String decision(@PathParam("model") String model, @PathParam("id") String id) {
        return views.decision(ModelId.parse(model), id).toString();
    }

    @GET
    @Path("/models/{model}/timeline")
    @Needs(on = Needs.On.MODEL)
    public String timeline(@PathParam("model") String model) {
        return views.timeline(ModelId.parse(model)).toString();
    }

    @GET
    @Path("/models/{model}/performance")
    @Needs(on = Needs.On.MODEL)
    public String performance(
            @PathParam("model") String model, @QueryParam("windowDays") @DefaultValue("14") int windowDays) {
        return views.performance(ModelId.parse(model), windowDays).toString();
    }

    /** Closed days whose served features were compared with the sources, newest first. */
    @GET
    @Path("/models/{model}/skew")
    @Needs(on = Needs.On.MODEL)
    public String skew(
            @PathParam("model") String model,
            @QueryParam("limit") @Nullable Integer limit,
            @QueryParam("page_token") @Nullable String token) {
        ModelId id = ModelId.parse(model);
        rooms.lifecycle().lifecycles().get(id);
        return Json.write(views.page(rooms.lifecycle().skew().page(id, PageRequest.of(limit, token)), Json::tree));
    }

    @GET
    @Path("/models/{model}/why")
    @Needs(on = Needs.On.MODEL)
    public String why(@PathParam("model") String model) {
        return views.why(ModelId.parse(model)).toString();
    }

    /** What a person does to the loop with nothing but a name and a reason. */
    @POST
    @Path("/models/{model}/{act: rollback|pause|resume|abort}")
    @Needs(value = Right.MANAGE, on = Needs.On.MODEL)
    public String act(
            @HeaderParam(ACTOR) @Nullable String actor,
            @PathParam("model") String model,
            @PathParam("act") String act,
            @Keys({"by", "reason"}) JsonNode body) {
        People people = rooms.lifecycle().people();
        ModelId id = ModelId.parse(model);
        People.Act by = act(actor, body);
        return switch (act) {
            case "rollback" -> Served.of(rooms.fleet(), id, Json.tree(people.rollback(id, by)));
            case "abort" -> Served.of(rooms.fleet(), id, Json.tree(people.abort(id, by)));
            case "pause" -> Json.write(people.pause(id, by));
            default -> Json.write(people.resume(id, by));
        };
    }

    @POST
    @Path("/models/{model}/sign")
    @Needs(on = Needs.On.SIGNING)
    public String sign(
            @HeaderParam(ACTOR) @Nullable String actor,
            @PathParam("model") String model,
            @Keys({"by", "reason", "version"}) JsonNode body) {
        if (!body.path("version").isInt()) {
            throw PerennialException.invalid(
                    "version", "the number of the version to sign is needed, got " + body.path("version"));
        }
        VersionId version =
                new VersionId(ModelId.parse(model), body.get("version").asInt());
        rights.notOwnWork(version);
        return Json.write(rooms.lifecycle().people().sign(version.model(), version.number(), act(actor, body)));
    }

    @POST
    @Path("/models/{model}/candidates")
    @Needs(value = Right.EDIT, on = Needs.On.MODEL)
    public String propose(
            @HeaderParam(ACTOR) @Nullable String actor,
            @PathParam("model") String model,
            @Keys({"by", "reason", "text", "path", "modelFile", "manifestFile", "declaredUntil", "drill"})
                    JsonNode body)
            throws IOException {
        ModelId id = ModelId.parse(model);
        People.Act act = act(actor, body);
        String manifest = null;
        String file = null;
        Long declared = Fields.millisOrNull(body, "declaredUntil");
        boolean drill = Fields.flag(body, "drill");
        if (body.hasNonNull("modelFile")) {
            rights.readsServerFiles(id);
            manifest = rooms.blobs()
                    .putFile(file(body, "manifestFile", MANIFEST_BYTES_MAX))
                    .hex();
            file = rooms.blobs()
                    .putFile(file(body, "modelFile", MODEL_BYTES_MAX))
                    .hex();
        }
        LifecycleFile variant = body.hasNonNull("text")
                ? rooms.lifecycle().applications().candidate(id, text(body, "text"), text(body, "path"))
                : null;
        String request = rooms.lifecycle()
                .people()
                .propose(id, new Proposal("user:" + act.by(), act.reason(), variant, manifest, file, declared, drill));
        rooms.lifecycle().loop().wake(id);
        return Json.object().put("request", request).toString();
    }

    @POST
    @Path("/models/{model}/labels")
    @Needs(value = Right.EDIT, on = Needs.On.MODEL)
    public String labels(@PathParam("model") String model, @Keys({"labels", "clock"}) JsonNode body) {
        ModelId id = ModelId.parse(model);
        rooms.lifecycle().lifecycles().get(id);
        if (!body.path("labels").isArray()) {
            throw PerennialException.invalid("labels", "a list 'labels' of {id, label, eventTime, knownAt} is needed");
        }
        List<Label> labels = new ArrayList<>();
        for (JsonNode label : body.get("labels")) {
            labels.add(label(label));
        }
        Long clock = Fields.millisOrNull(body, "clock");
        long now = id.replayed() && clock != null
                ? clock
                : rooms.lifecycle().lifecycles().clock(id);
        return Json.object()
                .put("accepted", rooms.labels().accept(id, labels, now))
                .toString();
    }

    @GET
    @Path("/pipelines/runs")
    @Needs(on = Needs.On.SIGNED_IN)
    public String runs(
            @QueryParam("model") @Nullable String model,
            @QueryParam("limit") @Nullable Integer limit,
            @QueryParam("page_token") @Nullable String token) {
        return views.runs(Optional.ofNullable(model), PageRequest.of(limit, token))
                .toString();
    }

    @GET
    @Path("/pipelines/runs/{run}")
    @Needs(on = Needs.On.PIPELINE_RUN)
    public String run(@PathParam("run") String run) {
        return views.run(new RunId(run)).toString();
    }

    @POST
    @Path("/pipelines/runs/{run}/cancel")
    @Needs(value = Right.MANAGE, on = Needs.On.PIPELINE_RUN)
    public String cancelRun(
            @HeaderParam(ACTOR) @Nullable String actor,
            @PathParam("run") String run,
            @Keys({"by", "reason"}) JsonNode body) {
        People.Act act = act(actor, body);
        rooms.engine().cancel(new RunId(run), act.by(), act.reason());
        return "{}";
    }

    @GET
    @Path("/events")
    @Needs(on = Needs.On.SIGNED_IN)
    public String events(
            @QueryParam("after") @DefaultValue("0") long after,
            @QueryParam("wait") @DefaultValue("0") int wait,
            @QueryParam("model") @Nullable String model) {
        EventLog.Followed followed = rooms.events()
                .follow(
                        after,
                        Optional.ofNullable(model).map(ModelId::parse),
                        Duration.ofSeconds(Math.clamp(wait, 0, WAIT_SECONDS_MAX)),
                        rights::reads);
        ObjectNode body = Json.object();
        body.set("items", Json.tree(followed.events()));
        return body.put("position", followed.position()).toString();
    }

    /** A file that cannot be read is told as such, whatever its sender may do. */
    private void mayApply(Right right, Applications.Order order, boolean places) {
        java.nio.file.Path folder = java.nio.file.Path.of(order.path()).getParent();
        LifecycleParser.parse(order.text(), java.util.Objects.requireNonNull(folder))
                .file()
                .ifPresent(file -> rights.lifecycle(right, file.model(), places));
    }

    private static Label label(JsonNode node) {
        node.fieldNames().forEachRemaining(name -> {
            if (!LABEL.contains(name)) {
                throw PerennialException.invalid("labels." + name, "unknown key '" + name + "'; a label has " + LABEL);
            }
        });
        JsonNode label = node.path("label");
        if (!label.isBoolean() && !label.isInt()) {
            throw PerennialException.invalid("labels.label", "label " + node + " must have 0 or 1 as its 'label'");
        }
        int value = label.isBoolean() ? (label.asBoolean() ? 1 : 0) : label.asInt();
        long event = Fields.millis(node, "eventTime");
        Long known = Fields.millisOrNull(node, "knownAt");
        return new Label(Fields.text(node, "id"), value, event, known == null ? event : known);
    }

    private static Applications.Order order(JsonNode body, @Nullable String actor) {
        Map<String, String> paths = new HashMap<>();
        JsonNode given = body.path("sourcePaths");
        if (!given.isMissingNode() && !given.isObject()) {
            throw PerennialException.invalid("sourcePaths", "'sourcePaths' must be an object of paths by source name");
        }
        given.properties()
                .forEach(entry -> paths.put(
                        entry.getKey(), Fields.path(given, entry.getKey()).toString()));
        return new Applications.Order(
                text(body, "text"),
                Fields.path(body, "path").toString(),
                Fields.text(body, "as", ""),
                paths,
                Fields.millisOrNull(body, "replayClock"),
                "user:" + (actor == null ? "unknown" : actor));
    }

    /** Stored without a look inside: only a worker, in a process made for it, ever loads what comes from outside. */
    private static java.nio.file.Path file(JsonNode body, String name, long bytesMax) throws IOException {
        java.nio.file.Path file = Fields.path(body, name);
        if (!Files.isRegularFile(file)) {
            throw PerennialException.invalid(name, "there is no file '" + file + "' on the server's machine");
        }
        long bytes = Files.size(file);
        if (bytes > bytesMax) {
            throw new PerennialException(
                    ErrorCode.TOO_LARGE,
                    name + " '" + file + "' has " + bytes + " bytes; at most " + bytesMax + " are possible",
                    name,
                    null);
        }
        return file;
    }

    static People.Act act(@Nullable String actor, JsonNode body) {
        return new People.Act(by(actor, body), Fields.text(body, "reason", ""));
    }

    /** Who acts: the caller, or who a body names on a server that asks nobody to sign in. */
    static String by(@Nullable String actor, JsonNode body) {
        String told = Fields.text(body, "by", "");
        return actor == null ? told : actor;
    }

    /** The scorers as they were last seen; this installation's own with its process. */
    private ArrayNode scorers() {
        ArrayNode scorers = Json.array();
        for (ScorerFleet.Scorer scorer : rooms.fleet().scorers()) {
            ObjectNode shown = Json.tree(scorer).deepCopy();
            shown.put("state", scorer.alive() ? "RUNNING" : "SILENT")
                    .put("revision", scorer.applied())
                    .put("lag", Math.max(0, rooms.endpoints().revision() - scorer.applied()))
                    .put("standalone", !scorer.id().startsWith(ScorerSupervisor.OWN));
            shown.set("leftOut", Json.tree(rooms.fleet().leftOut(scorer)));
            if (scorer.id().equals(ScorerSupervisor.ID)) {
                shown.put("pid", rooms.scorer().pid().orElse(null));
            }
            scorers.add(shown);
        }
        return scorers;
    }

    static String text(JsonNode body, String name) {
        return Fields.text(body, name);
    }
}
