package dev.perennial.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.governance.Right;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.server.access.ApiRights;
import dev.perennial.server.access.Needs;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What standalone scorers ask, each with a token that is for it alone: only about its own endpoints, and it delivers only what it wrote
 * itself. On a server that asks nobody to sign in, whoever is on this machine.
 */
@Path("/api/scorers/{id}")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class ScorersResource {
    private static final int PIECE_BYTES = 4 << 20;
    private static final Duration REPLACED = Duration.ofSeconds(90);

    private final Rooms rooms;
    private final ApiRights rights;
    private final ScorerCalls calls;
    private final ServedFiles files;

    @Inject
    public ScorersResource(Rooms rooms, ApiRights rights) {
        this.rooms = rooms;
        this.rights = rights;
        this.calls = new ScorerCalls(rooms);
        this.files = new ServedFiles(rooms.fleet(), rooms.blobs());
    }

    @POST
    @Path("/hello")
    @Needs(value = Right.USE, on = Needs.On.SCORER)
    public String hello(@PathParam("id") String id, JsonNode body) {
        refuseOwn(id);
        return calls.hello(id, body, false, rights.scorerEndpoints().orElse(null));
    }

    @GET
    @Path("/config")
    @Needs(value = Right.USE, on = Needs.On.SCORER)
    public Response config(
            @HeaderParam("X-Perennial-Scorer-Url") @Nullable String url,
            @HeaderParam("X-Perennial-Applied") @Nullable Long applied,
            @HeaderParam("X-Perennial-Protocol") @Nullable Integer protocol,
            @HeaderParam("X-Perennial-Instance") @Nullable String instance,
            @PathParam("id") String id,
            @QueryParam("revision") @Nullable Long revision,
            @QueryParam("wait") @Nullable Integer wait) {
        refuseOwn(id);
        return calls.config(new ScorerCalls.Asked(id, url, revision, applied, protocol, mine(), instance), wait);
    }

    @POST
    @Path("/flushed")
    @Needs(value = Right.USE, on = Needs.On.SCORER)
    public Response flushed(@PathParam("id") String id, JsonNode body) {
        calls.flushed(id, body);
        return Response.noContent().build();
    }

    @PUT
    @Path("/segments/{generation}/{number}")
    @Consumes(MediaType.WILDCARD)
    @Needs(value = Right.USE, on = Needs.On.SCORER)
    public Response segment(
            @HeaderParam("X-Perennial-Root") @Nullable String root, @PathParam("id") String id, byte[] bytes) {
        refuseOwn(id);
        rooms.predictions().accept(id, mine(), bytes, root == null ? "" : root);
        return Response.ok("{}").build();
    }

    @POST
    @Path("/fuse")
    @Needs(value = Right.USE, on = Needs.On.SCORER)
    public Response fuse(@PathParam("id") String id, JsonNode body) {
        String endpoint = body.path("endpoint").asText();
        if (!mine().test(endpoint)) {
            throw new PerennialException(
                    ErrorCode.INVALID_ARGUMENT,
                    "scorer '" + id + "' does not serve endpoint '" + endpoint + "'",
                    "endpoint",
                    null);
        }
        calls.fuse(id, body);
        return Response.noContent().build();
    }

    @POST
    @Path("/warmth")
    @Needs(value = Right.USE, on = Needs.On.SCORER)
    public String warmth(
            @HeaderParam("X-Perennial-Caller-Authorization") @Nullable String authorization,
            @PathParam("id") String id,
            JsonNode body) {
        if (!mine().test(body.path("endpoint").asText())) {
            throw PerennialException.invalid("endpoint", "scorer '" + id + "' does not serve this endpoint");
        }
        return calls.warmth(id, body, authorization, false, rights);
    }

    /** The next 4 MiB of a model file; less than that is its end. */
    @GET
    @Path("/blobs/{digest}")
    @Produces(MediaType.APPLICATION_OCTET_STREAM)
    @Needs(value = Right.USE, on = Needs.On.SCORER)
    public byte[] blob(@PathParam("digest") String text, @QueryParam("from") @DefaultValue("0") long from) {
        Digest digest = new Digest(text);
        if (!files.has(digest, mine())) {
            throw PerennialException.notFound("no endpoint of this scorer has a model file " + digest);
        }
        try (FileChannel file = FileChannel.open(rooms.blobs().file(digest))) {
            ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
            long at = Math.max(0, from);
            int read = 0;
            while (piece.hasRemaining() && read >= 0) {
                read = file.read(piece, at + piece.position());
            }
            return Arrays.copyOf(piece.array(), piece.position());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read blob " + digest, e);
        }
    }

    /** A new process takes the place of this server's own scorer, without a gap; returns when it has it. */
    @POST
    @Path("/replace")
    @Needs(value = Right.MANAGE, on = Needs.On.INSTALLATION)
    public String replace(@PathParam("id") String id) {
        if (!id.equals(ScorerSupervisor.ID)) {
            throw PerennialException.invalid(
                    "id",
                    "scorer '" + id + "' was not started by this server: replace it where it runs, by 'perennial scorer"
                            + " --replace' with the flags that it has");
        }
        try {
            ScorerSupervisor.Replaced replaced = rooms.scorer().replace(REPLACED);
            return Json.object()
                    .put("id", id)
                    .put("before", replaced.before())
                    .put("pid", replaced.pid())
                    .toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw PerennialException.internal("interrupted; the replacement goes on", e);
        }
    }

    private Predicate<String> mine() {
        return rights::usesEndpoint;
    }

    /** Names of the installation's own scorers mean files on this machine; nobody else takes them. */
    private static void refuseOwn(String id) {
        if (id.startsWith(ScorerSupervisor.OWN)) {
            throw PerennialException.invalid(
                    "id", "scorer '" + id + "' is the installation's own; give a standalone scorer another --name");
        }
    }
}
