package dev.perennial.server;

import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
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
        return RolloutViews.list(rooms.lifecycle(), id).toString();
    }

    @GET
    @Path("/{rollout}")
    @Needs(on = Needs.On.MODEL)
    public String show(@PathParam("model") String model, @PathParam("rollout") String rollout) {
        ModelId id = known(model);
        RolloutBook.Entry entry = rooms.lifecycle()
                .rollouts()
                .find(id, rollout)
                .orElseThrow(() -> PerennialException.notFound("model '" + id + "' has no rollout '" + rollout
                        + "'; GET /api/models/" + id + "/rollouts lists them"));
        return RolloutViews.show(rooms.lifecycle(), entry).toString();
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
}
