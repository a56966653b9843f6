package dev.perennial.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.governance.Right;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PageRequest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.VersionId;
import dev.perennial.lifecycle.AppliedLifecycle;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.lifecycle.file.LifecycleParser;
import dev.perennial.lifecycle.file.ParseResult;
import dev.perennial.lifecycle.file.Problem;
import dev.perennial.pipelines.RunId;
import dev.perennial.pipelines.RunState;
import dev.perennial.pipelines.RunView;
import dev.perennial.registry.ModelVersion;
import dev.perennial.replay.Arms;
import dev.perennial.replay.Replay;
import dev.perennial.replay.ReplayPolicy;
import dev.perennial.server.access.ApiRights;
import dev.perennial.server.access.Needs;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/** Replays: begin, follow, hold and let go, and the barriers of their drivers. */
@Path("/api/replays")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class ReplaysResource {
    private static final Duration BARRIER_WAIT = Duration.ofSeconds(20);

    private final Rooms rooms;
    private final ApiRights rights;

    @Inject
    public ReplaysResource(Rooms rooms, ApiRights rights) {
        this.rooms = rooms;
        this.rights = rights;
    }

    @POST
    @Needs(value = Right.EDIT, on = Needs.On.LIFECYCLE_FILE)
    public String create(JsonNode body) {
        String name = ApiResource.text(body, "name");
        ApiResource.text(body, "text");
        java.nio.file.Path folder = Fields.path(body, "path").getParent();
        Fields.flag(body, "loop");
        Fields.millis(body, "from");
        Fields.millis(body, "to");
        ReplayPolicy policy = policy(body);
        ObjectNode plan = ((ObjectNode) body).deepCopy();
        plan.remove("name");
        plan.put("policy", policy.text());
        plan.put("loop", policy instanceof ReplayPolicy.AsFiled);
        if (!plan.has("stops")) {
            plan.putArray("stops");
        }
        if (!plan.has("outages")) {
            plan.putArray("outages");
        }
        Replay.Plan read = Json.convert(plan, Replay.Plan.class);
        ParseResult parsed = LifecycleParser.parse(read.text(), java.util.Objects.requireNonNull(folder));
        LifecycleFile file = parsed.file()
                .orElseThrow(() -> PerennialException.invalid(
                        "text",
                        String.join(
                                "; ",
                                parsed.problems().stream().map(Problem::text).toList())));
        rights.lifecycle(Right.EDIT, file.model(), false);
        if (policy instanceof ReplayPolicy.Blind) {
            refuseUnplayed(read, file);
        }
        Replay replay = rooms.replays().create(new ModelId(file.model(), name), read);
        if (policy instanceof ReplayPolicy.Blind blind) {
            ReplayRuns.compute(rooms.engine(), replay, file, blind);
        } else {
            ReplayRuns.start(
                    rooms.engine(),
                    replay,
                    rooms.store().directory().replays().resolve(name),
                    "http://127.0.0.1:" + rooms.settings().port());
        }
        return Json.write(replay);
    }

    /** The policy in words; {@code loop} is an older way to say 'file' or 'never' and must not contradict it. */
    private static ReplayPolicy policy(JsonNode body) {
        boolean loop = !body.hasNonNull("loop") || Fields.flag(body, "loop");
        ReplayPolicy policy = ReplayPolicy.of(Fields.text(body, "policy", loop ? "file" : "never"));
        if (body.hasNonNull("loop") && loop != policy instanceof ReplayPolicy.AsFiled) {
            throw PerennialException.invalid(
                    "loop", "'loop' is " + loop + ", but the policy is '" + policy.text() + "'; leave 'loop' out");
        }
        return policy;
    }

    /** What only a replay that is played can have. */
    private static void refuseUnplayed(Replay.Plan plan, LifecycleFile file) {
        String offline = "the policy '" + plan.policy() + "' is computed offline, where ";
        if (!plan.stops().isEmpty()) {
            throw PerennialException.invalid("stops", offline + "nobody can be waited for; leave 'stops' out");
        }
        if (!plan.outages().isEmpty()) {
            throw PerennialException.invalid("outages", offline + "no row can be kept back; leave 'outages' out");
        }
        if (file.train().command() != null) {
            throw PerennialException.invalid(
                    "policy",
                    offline + "only the built-in trainer runs, but the file names a command; play 'file' or 'never'");
        }
    }

    @GET
    @Needs(on = Needs.On.SIGNED_IN)
    public String list(@QueryParam("limit") @Nullable Integer limit, @QueryParam("page_token") @Nullable String token) {
        return Json.write(new ModelViews(rooms, rights)
                .page(
                        rights.readable(
                                PageRequest.of(limit, token),
                                rooms.replays()::page,
                                replay -> replay.model().toString()),
                        Json::tree));
    }

    @GET
    @Path("/{name}")
    @Needs(on = Needs.On.REPLAY)
    public String get(@PathParam("name") String name) {
        return Json.write(rooms.replays().get(name));
    }

    /** The barrier of a replay's driver: 200 when it is passed, 202 when the driver must ask again. */
    @POST
    @Path("/{name}/advance")
    @Needs(value = Right.EDIT, on = Needs.On.REPLAY)
    public Response advance(@PathParam("name") String name, @Keys({"to", "opens"}) JsonNode body) {
        long to = Fields.millis(body, "to");
        Long opens = Fields.millisOrNull(body, "opens");
        boolean passed = rooms.replays().advance(name, to, opens == null ? to : opens, BARRIER_WAIT);
        Replay replay = rooms.replays().get(name);
        ObjectNode answer = Json.object()
                .put("clock", replay.clock())
                .put("state", replay.state().name());
        ArrayNode files = answer.putArray("lifecycles");
        rooms.endpoints().variants(replay.model()).stream()
                .map(variant -> rooms.registry()
                        .version(VersionId.parse(variant.version().toString()))
                        .lifecycle())
                .distinct()
                .forEach(digest -> files.add(lifecycle(digest)));
        return Response.status(passed ? 200 : 202).entity(answer.toString()).build();
    }

    @POST
    @Path("/{name}/release")
    @Needs(value = Right.EDIT, on = Needs.On.REPLAY)
    public String release(@PathParam("name") String name) {
        rooms.replays().release(name);
        return Json.write(rooms.replays().get(name));
    }

    @POST
    @Path("/{name}/cancel")
    @Needs(value = Right.EDIT, on = Needs.On.REPLAY)
    public String cancel(@PathParam("name") String name) {
        rooms.replays().cancel(name);
        if (ReplayPolicy.of(rooms.replays().get(name).plan().policy()) instanceof ReplayPolicy.Blind) {
            rooms.engine()
                    .find(ReplayRuns.key(name))
                    .ifPresent(run -> rooms.engine().cancel(run.run(), "user", "the replay was cancelled"));
        }
        return Json.write(rooms.replays().get(name));
    }

    /** What the replayed loop was worth beside other policies: 202 while a worker computes those. */
    @GET
    @Path("/{name}/table")
    @Needs(on = Needs.On.REPLAY)
    public Response table(@PathParam("name") String name) {
        Replay replay = rooms.replays().get(name);
        if (ReplayPolicy.of(replay.plan().policy()) instanceof ReplayPolicy.Blind) {
            return computed(replay);
        }
        AppliedLifecycle applied = rooms.lifecycle().lifecycles().get(replay.model());
        ModelVersion first = rooms.registry().version(new VersionId(replay.model(), 1));
        RunId run = rooms.engine()
                .start(
                        Arms.spec(applied.file(), replay.plan().from(), replay.clock(), first),
                        Arms.PIPELINE + "/" + replay.model() + "/" + replay.clock(),
                        Json.object(),
                        replay.model().toString(),
                        "closing table");
        RunView view = rooms.engine().find(run).orElseThrow();
        if (!view.state().terminal()) {
            return Response.status(202).entity("{}").build();
        }
        if (view.state() != RunState.SUCCEEDED) {
            throw PerennialException.state("the other policies could not be computed: " + view.failure());
        }
        LocalDate today = Instant.ofEpochMilli(replay.clock())
                .atZone(applied.file().zone())
                .toLocalDate();
        ObjectNode table = Arms.table(view, rooms.blobs(), rooms.days().days(replay.model(), LocalDate.EPOCH, today));
        return Response.ok(table.toString()).build();
    }

    private static Response computed(Replay replay) {
        JsonNode result = replay.result();
        if (result != null) {
            return Response.ok(result.toString()).build();
        }
        if (replay.state() == Replay.State.RUNNING) {
            return Response.status(202).entity("{}").build();
        }
        throw PerennialException.state("replay '" + replay.name() + "' has no table: it is "
                + replay.state().name().toLowerCase(java.util.Locale.ROOT)
                + (replay.error() == null ? "" : ", " + replay.error()));
    }

    private ObjectNode lifecycle(Digest digest) {
        ObjectNode node = Json.object().put("digest", digest.hex());
        node.set("file", Json.tree(rooms.lifecycle().lifecycles().body(digest)));
        return node;
    }
}
