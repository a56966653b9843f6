package dev.perennial.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.governance.Right;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PerennialException;
import dev.perennial.lifecycle.Decision;
import dev.perennial.lifecycle.EndpointRollouts;
import dev.perennial.lifecycle.People;
import dev.perennial.lifecycle.RolloutBook;
import dev.perennial.rollout.BlockSpec;
import dev.perennial.server.access.Needs;
import dev.perennial.serving.EndpointCatalogue;
import dev.perennial.serving.ServedEndpoint;
import dev.perennial.serving.VersionRef;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Rollouts behind an endpoint, whoever made it. Those of a lifecycle file begin by themselves; the others are begun here, and judged by
 * time, rows and what needs no outcomes.
 */
@Path("/api/endpoints/{endpoint}/rollouts")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class EndpointRolloutsResource {
    private static final Duration SETTLE = Duration.ofSeconds(5);
    private static final String ACTOR = "X-Perennial-Actor";

    private final Rooms rooms;

    @Inject
    public EndpointRolloutsResource(Rooms rooms) {
        this.rooms = rooms;
    }

    /** Newest first, {@link RolloutBook#LIST_MAX} at most. */
    @GET
    @Needs(on = Needs.On.ENDPOINT)
    public String list(@PathParam("endpoint") String endpoint) {
        return RolloutViews.list(rooms.lifecycle(), known(endpoint)).toString();
    }

    /** Begins the rollout of a version that the endpoint holds already. */
    @POST
    @Needs(value = Right.MANAGE, on = Needs.On.ENDPOINT)
    public String start(
            @HeaderParam(ACTOR) @Nullable String actor,
            @PathParam("endpoint") String endpoint,
            @Keys({"version", "plan", "steps", "guards", "block", "by", "reason"}) JsonNode body) {
        ModelId name = known(endpoint);
        VersionRef version = VersionRef.parse(Fields.text(body, "version"));
        String id = rooms.endpointRollouts().start(name, version, BlockSpec.of(body), ApiResource.act(actor, body));
        rooms.fleet().settled(SETTLE);
        return RolloutViews.show(rooms.lifecycle(), entry(name, id)).toString();
    }

    @GET
    @Path("/{rollout}")
    @Needs(on = Needs.On.ENDPOINT)
    public String show(@PathParam("endpoint") String endpoint, @PathParam("rollout") String rollout) {
        RolloutBook.Entry entry = entry(known(endpoint), rollout);
        ObjectNode body = RolloutViews.show(rooms.lifecycle(), entry);
        rooms.endpointRollouts()
                .scores(entry)
                .ifPresentOrElse(scores -> body.set("scores", Json.tree(scores)), () -> body.putNull("scores"));
        return body.toString();
    }

    /** Judges the stored evidence of each decision again; changes nothing. */
    @POST
    @Path("/{rollout}/rejudge")
    @Needs(on = Needs.On.ENDPOINT)
    public String rejudge(@PathParam("endpoint") String endpoint, @PathParam("rollout") String rollout) {
        RolloutBook.Entry entry = entry(known(endpoint), rollout);
        return Json.write(rooms.lifecycle().rejudging().rejudge(entry.model(), entry.id()));
    }

    /** Holds steps and promotion; what is dangerous stops a paused rollout too. */
    @POST
    @Path("/{rollout}/pause")
    @Needs(value = Right.MANAGE, on = Needs.On.ENDPOINT)
    public String pause(
            @HeaderParam(ACTOR) @Nullable String actor,
            @PathParam("endpoint") String endpoint,
            @PathParam("rollout") String rollout,
            @Keys({"by", "reason"}) JsonNode body) {
        return act(endpoint, rollout, ApiResource.act(actor, body), EndpointRollouts.One::pause, People::pause);
    }

    @POST
    @Path("/{rollout}/resume")
    @Needs(value = Right.MANAGE, on = Needs.On.ENDPOINT)
    public String resume(
            @HeaderParam(ACTOR) @Nullable String actor,
            @PathParam("endpoint") String endpoint,
            @PathParam("rollout") String rollout,
            @Keys({"by", "reason"}) JsonNode body) {
        return act(endpoint, rollout, ApiResource.act(actor, body), EndpointRollouts.One::resume, People::resume);
    }

    /** Gives the champion all traffic at once. */
    @POST
    @Path("/{rollout}/abort")
    @Needs(value = Right.MANAGE, on = Needs.On.ENDPOINT)
    public String abort(
            @HeaderParam(ACTOR) @Nullable String actor,
            @PathParam("endpoint") String endpoint,
            @PathParam("rollout") String rollout,
            @Keys({"by", "reason"}) JsonNode body) {
        return act(endpoint, rollout, ApiResource.act(actor, body), EndpointRollouts.One::abort, People::abort);
    }

    /** Lets the present step pass although guards cannot be computed. */
    @POST
    @Path("/{rollout}/sign")
    @Needs(value = Right.MANAGE, on = Needs.On.ENDPOINT)
    public String sign(
            @HeaderParam(ACTOR) @Nullable String actor,
            @PathParam("endpoint") String endpoint,
            @PathParam("rollout") String rollout,
            @Keys({"by", "reason"}) JsonNode body) {
        return act(endpoint, rollout, ApiResource.act(actor, body), EndpointRollouts.One::sign, (people, name, by) -> {
            throw PerennialException.state(
                    "steps of a lifecycle file's rollout are judged by outcomes and cannot be signed;"
                            + " abort it, or wait");
        });
    }

    private interface Doing<T> {
        Decision act(T room, ModelId name, People.Act act);
    }

    private String act(
            String endpoint, String rollout, People.Act act, Doing<EndpointRollouts.One> own, Doing<People> ofFile) {
        ModelId name = known(endpoint);
        RolloutBook.Entry entry = entry(name, rollout);
        if (entry.endedAt() != null) {
            throw PerennialException.state(
                    "rollout '" + entry.id() + "' of '" + name + "' has ended: " + entry.phase());
        }
        boolean file = rooms.endpoints().get(name).origin() == ServedEndpoint.Origin.lifecycle;
        Decision decision = file
                ? ofFile.act(rooms.lifecycle().people(), name, act)
                : own.act(rooms.endpointRollouts().of(entry.id()), name, act);
        rooms.fleet().settled(SETTLE);
        return Served.of(rooms.fleet(), name, Json.tree(decision));
    }

    private ModelId known(String endpoint) {
        return rooms.endpoints().get(EndpointCatalogue.meant(endpoint)).name();
    }

    private RolloutBook.Entry entry(ModelId endpoint, String rollout) {
        return rooms.lifecycle()
                .rollouts()
                .find(endpoint, rollout)
                .orElseThrow(() -> PerennialException.notFound("endpoint '" + endpoint + "' has no rollout '" + rollout
                        + "'; GET /api/endpoints/" + endpoint + "/rollouts lists them"));
    }
}
