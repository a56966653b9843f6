package dev.perennial.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.pipelines.FailureClass;
import dev.perennial.pipelines.RunId;
import dev.perennial.pipelines.WorkerProtocol;
import dev.perennial.pipelines.WorkerResult;
import dev.perennial.serving.ScorerConfig;
import dev.perennial.serving.VersionRef;
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
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the installation's own scorers and workers ask; every call carries the internal token, which {@link InternalGuard} checks. */
@Internal
@Path("/internal")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class InternalResource {
    private static final int WAIT_SECONDS_MAX = 25;
    private static final int ACCEPTED = 202;

    private final Rooms rooms;

    @Inject
    public InternalResource(Rooms rooms) {
        this.rooms = rooms;
    }

    @GET
    @Path("/scorers/{id}/config")
    public Response config(
            @HeaderParam("X-Perennial-Scorer-Url") @Nullable String url,
            @HeaderParam("X-Perennial-Applied") @Nullable Long applied,
            @PathParam("id") String id,
            @QueryParam("revision") @Nullable Long revision,
            @QueryParam("wait") @Nullable Integer wait) {
        Duration patience = Duration.ofSeconds(Math.clamp(wait == null ? 0 : wait, 0, WAIT_SECONDS_MAX));
        Optional<ScorerConfig> config = rooms.fleet()
                .poll(
                        id,
                        url == null ? "" : url,
                        revision == null ? -1 : revision,
                        applied == null ? 0 : applied,
                        patience);
        return config.map(body -> Response.ok(Json.write(body)).build())
                .orElseGet(() -> Response.noContent().build());
    }

    @POST
    @Path("/scorers/{id}/flushed")
    public Response flushed(@PathParam("id") String id, JsonNode body) {
        rooms.fleet().flushed(id, body.path("flush").asLong());
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
        VersionRef version = VersionRef.parse(body.path("version").asText());
        ModelId endpoint = ModelId.parse(body.path("endpoint").asText(version.model()));
        rooms.fuses().accept(id, endpoint, version, body.path("reason").asText(), body);
        rooms.fleet().wake();
        if (rooms.lifecycle().lifecycles().find(endpoint).isPresent()) {
            rooms.lifecycle().loop().wake(endpoint);
        } else {
            rooms.rolloutLoop().wake(endpoint);
        }
        return Response.noContent().build();
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
