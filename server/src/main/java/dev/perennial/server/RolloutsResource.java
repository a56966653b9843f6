package dev.perennial.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.lifecycle.Decision;
import dev.perennial.lifecycle.RolloutBook;
import dev.perennial.server.access.Needs;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/** Rollouts of a model, running and ended: their looks, what moved them, and their evidence judged again. Read only. */
@Path("/api/models/{model}/rollouts")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class RolloutsResource {
    private final Rooms rooms;

    @Inject
    public RolloutsResource(Rooms rooms) {
        this.rooms = rooms;
    }

    /** Newest first, {@link RolloutBook#LIST_MAX} at most. */
    @GET
    @Needs(on = Needs.On.MODEL)
    public String list(@PathParam("model") String model) {
        ModelId id = known(model);
        ObjectNode body = Json.object();
        ArrayNode items = body.putArray("items");
        rooms.lifecycle().rollouts().list(id).forEach(entry -> items.add(summary(entry)));
        return body.toString();
    }

    @GET
    @Path("/{rollout}")
    @Needs(on = Needs.On.MODEL)
    public String show(@PathParam("model") String model, @PathParam("rollout") String rollout) {
        ModelId id = known(model);
        RolloutBook book = rooms.lifecycle().rollouts();
        RolloutBook.Entry entry = book.find(id, rollout)
                .orElseThrow(() -> PerennialException.notFound("model '" + id + "' has no rollout '" + rollout
                        + "'; GET /api/models/" + id + "/rollouts lists them"));
        ObjectNode body = summary(entry);
        body.set("looks", Json.tree(book.looks(entry.id())));
        ArrayNode moves = body.putArray("decisions");
        for (String decision : book.decisions(entry.id())) {
            rooms.lifecycle().decisions().find(id, decision).ifPresent(found -> moves.add(move(found)));
        }
        return body.toString();
    }

    /** Judges the stored evidence of each decision again; changes nothing. */
    @POST
    @Path("/{rollout}/rejudge")
    @Needs(on = Needs.On.MODEL)
    public String rejudge(@PathParam("model") String model, @PathParam("rollout") String rollout) {
        return Json.write(rooms.lifecycle().rejudging().rejudge(known(model), rollout));
    }

    private ModelId known(String model) {
        return rooms.lifecycle().lifecycles().get(ModelId.parse(model)).model();
    }

    private static ObjectNode summary(RolloutBook.Entry entry) {
        ObjectNode body = Json.object()
                .put("id", entry.id())
                .put("model", entry.model().toString())
                .put("version", entry.version())
                .put("champion", entry.champion())
                .put("phase", entry.phase().name())
                .put("startedAt", entry.startedAt())
                .put("endedAt", entry.endedAt());
        body.set("plan", Json.tree(entry.plan()));
        return body;
    }

    private static ObjectNode move(Decision decision) {
        return Json.object()
                .put("id", decision.id())
                .put("at", decision.at())
                .put("kind", decision.kind().name())
                .put("verdict", decision.verdict())
                .put("title", decision.title())
                .put("text", decision.text())
                .put("entry", decision.entry());
    }
}
