package dev.perennial.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.pipelines.FailureClass;
import dev.perennial.pipelines.RunId;
import dev.perennial.pipelines.WorkerProtocol;
import dev.perennial.pipelines.WorkerResult;
import dev.perennial.server.access.ApiRights;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.jspecify.annotations.Nullable;

/** What the installation's own scorers and workers ask; every call carries the internal token, which {@link InternalGuard} checks. */
@Internal
@Path("/internal")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class InternalResource {
    private static final int ACCEPTED = 202;

    private final Rooms rooms;
    private final ScorerCalls scorers;
    private final ApiRights rights;

    @Inject
    public InternalResource(Rooms rooms, ApiRights rights) {
        this.rooms = rooms;
        this.rights = rights;
        this.scorers = new ScorerCalls(rooms);
    }

    @POST
    @Path("/scorers/{id}/hello")
    public String hello(@PathParam("id") String id, JsonNode body) {
        return scorers.hello(id, body, true, null);
    }

    @GET
    @Path("/scorers/{id}/config")
    public Response config(
            @HeaderParam("X-Perennial-Scorer-Url") @Nullable String url,
            @HeaderParam("X-Perennial-Applied") @Nullable Long applied,
            @HeaderParam("X-Perennial-Protocol") @Nullable Integer protocol,
            @HeaderParam("X-Perennial-Instance") @Nullable String instance,
            @PathParam("id") String id,
            @QueryParam("revision") @Nullable Long revision,
            @QueryParam("wait") @Nullable Integer wait) {
        return scorers.config(
                new ScorerCalls.Asked(id, url, revision, applied, protocol, endpoint -> true, instance), wait);
    }

    @POST
    @Path("/scorers/{id}/flushed")
    public Response flushed(@PathParam("id") String id, JsonNode body) {
        scorers.flushed(id, body);
        return Response.noContent().build();
    }

    @PUT
    @Path("/scorers/{id}/segments/{generation}/{number}")
    @Consumes(MediaType.WILDCARD)
    public Response segment(
            @HeaderParam("X-Perennial-Root") @Nullable String root, @PathParam("id") String id, byte[] bytes) {
        rooms.predictions().accept(id, bytes, root == null ? "" : root);
        return Response.ok("{}").build();
    }

    @POST
    @Path("/scorers/{id}/fuse")
    public Response fuse(@PathParam("id") String id, JsonNode body) {
        scorers.fuse(id, body);
        return Response.noContent().build();
    }

    @POST
    @Path("/scorers/{id}/warmth")
    public String warmth(
            @HeaderParam("X-Perennial-Caller-Authorization") @Nullable String authorization,
            @PathParam("id") String id,
            JsonNode body) {
        return scorers.warmth(id, body, authorization, true, rights);
    }

    @POST
    @Path("/worker/runs/{run}/claim")
    public Response claim(@PathParam("run") String run, JsonNode body) {
        WorkerProtocol.Claim claim = rooms.engine()
                .protocol()
                .claim(new RunId(run), body.path("worker").asText());
        return switch (claim) {
            case WorkerProtocol.Claim.Work work -> Response.ok(Json.write(work)).build();
            case WorkerProtocol.Claim.Wait ignored -> Response.status(ACCEPTED).build();
            case WorkerProtocol.Claim.Finished ignored -> Response.noContent().build();
        };
    }

    @POST
    @Path("/worker/attempts/{token}/heartbeat")
    public Response heartbeat(@PathParam("token") String token, JsonNode body) {
        rooms.engine()
                .protocol()
                .heartbeat(
                        token, body.path("share").asDouble(), body.path("line").asText());
        return Response.noContent().build();
    }

    @POST
    @Path("/worker/attempts/{token}/complete")
    public Response complete(@PathParam("token") String token, JsonNode body) {
        rooms.engine().protocol().complete(token, Json.convert(body, WorkerResult.class));
        return Response.noContent().build();
    }

    @POST
    @Path("/worker/attempts/{token}/fail")
    public Response fail(@PathParam("token") String token, JsonNode body) {
        rooms.engine()
                .protocol()
                .fail(
                        token,
                        FailureClass.valueOf(body.path("class").asText()),
                        body.path("message").asText());
        return Response.noContent().build();
    }
}
