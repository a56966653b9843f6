package dev.perennial.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import dev.perennial.replay.ClosingTable;
import dev.perennial.replay.Replay;
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

    @Inject
    public ReplaysResource(Rooms rooms) {
        this.rooms = rooms;
    }

    @POST
    public String create(JsonNode body) {
        String name = ApiResource.text(body, "name");
        ApiResource.text(body, "text");
        java.nio.file.Path folder = Fields.path(body, "path").getParent();
        Fields.flag(body, "loop");
        Fields.millis(body, "from");
        Fields.millis(body, "to");
        ObjectNode plan = ((ObjectNode) body).deepCopy();
        plan.remove("name");
        if (!plan.has("loop")) {
            plan.put("loop", true);
        }
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
        Replay replay = rooms.replays().create(new ModelId(file.model(), name), read);
        ReplayRuns.start(
                rooms.engine(),
                replay,
                rooms.store().directory().replays().resolve(name),
                "http://127.0.0.1:" + rooms.settings().port());
        return Json.write(replay);
    }

    @GET
    public String list(@QueryParam("limit") @Nullable Integer limit, @QueryParam("page_token") @Nullable String token) {
        return Json.write(new ModelViews(rooms).page(rooms.replays().page(PageRequest.of(limit, token)), Json::tree));
    }

    @GET
    @Path("/{name}")
    public String get(@PathParam("name") String name) {
        return Json.write(rooms.replays().get(name));
    }

    /** The barrier of a replay's driver: 200 when it is passed, 202 when the driver must ask again. */
    @POST
    @Path("/{name}/advance")
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
                .map(variant -> rooms.registry().version(variant.version()).lifecycle())
                .distinct()
                .forEach(digest -> files.add(lifecycle(digest)));
        return Response.status(passed ? 200 : 202).entity(answer.toString()).build();
    }

    @POST
    @Path("/{name}/release")
    public String release(@PathParam("name") String name) {
        rooms.replays().release(name);
        return Json.write(rooms.replays().get(name));
    }

    @POST
    @Path("/{name}/cancel")
    public String cancel(@PathParam("name") String name) {
        rooms.replays().cancel(name);
        return Json.write(rooms.replays().get(name));
    }

    /** What the replayed loop was worth beside other policies: 202 while a worker computes those. */
    @GET
    @Path("/{name}/table")
    public Response table(@PathParam("name") String name) {
        Replay replay = rooms.replays().get(name);
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
        RunView.Step step = view.step(Arms.PIPELINE);
        JsonNode arms = Json.parse(rooms.blobs()
                .bytes(java.util.Objects.requireNonNull(step.files().get(Arms.PIPELINE))));
        LocalDate today = Instant.ofEpochMilli(replay.clock())
                .atZone(applied.file().zone())
                .toLocalDate();
        ObjectNode table = ClosingTable.of(arms, rooms.days().days(replay.model(), LocalDate.EPOCH, today));
        table.set("cost", step.values().getOrDefault("arms", Json.array()));
        return Response.ok(table.toString()).build();
    }

    private ObjectNode lifecycle(Digest digest) {
        ObjectNode node = Json.object().put("digest", digest.hex());
        node.set("file", Json.tree(rooms.lifecycle().lifecycles().body(digest)));
        return node;
    }
}
