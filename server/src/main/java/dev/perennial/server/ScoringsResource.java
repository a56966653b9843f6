package dev.perennial.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.governance.Right;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.Page;
import dev.perennial.kernel.PageRequest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorings.ScoringJob;
import dev.perennial.scorings.ScoringOrder;
import dev.perennial.scorings.ScoringTargets;
import dev.perennial.scorings.ScoringView;
import dev.perennial.server.access.ApiRights;
import dev.perennial.server.access.Needs;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Scoring of files. A job is seen by who made it and by who may manage its model; it shows, and holds, that person's rows. Files of the
 * server's machine are read and written for administrators only; others send theirs and fetch the result.
 */
@Path("/api/scorings")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class ScoringsResource {
    private final Rooms rooms;
    private final ApiRights rights;

    @Inject
    public ScoringsResource(Rooms rooms, ApiRights rights) {
        this.rooms = rooms;
        this.rights = rights;
    }

    /** Newest first. */
    @GET
    @Needs(on = Needs.On.SIGNED_IN)
    public String list(@QueryParam("limit") @Nullable Integer limit, @QueryParam("page_token") @Nullable String token) {
        Page<ScoringView> page =
                rights.visible(PageRequest.of(limit, token), rooms.scorings()::page, view -> rights.sees(view.job()));
        ObjectNode body = Json.object();
        ArrayNode items = body.putArray("items");
        page.items().forEach(view -> items.add(view.json()));
        return body.put("next", page.next().orElse(null)).toString();
    }

    /** Makes a job. One with {@code digest} waits for its file, {@code PUT /api/scorings/{id}/input}. */
    @POST
    @Needs(value = Right.USE, on = Needs.On.SIGNED_IN)
    public String create(
            @Keys({
                        "endpoint",
                        "model",
                        "minor",
                        "input",
                        "name",
                        "digest",
                        "format",
                        "resultFormat",
                        "output",
                        "force",
                        "errorsMax"
                    })
                    JsonNode body) {
        String input = textOrNull(body, "input");
        ScoringOrder order = order(body, input);
        if (input != null) {
            rights.readsServerPaths();
        }
        return rooms.scorings().create(order).json().toString();
    }

    private ScoringOrder order(JsonNode body, @Nullable String input) {
        String endpoint = textOrNull(body, "endpoint");
        String model = textOrNull(body, "model");
        if ((endpoint == null) == (model == null)) {
            throw PerennialException.invalid("endpoint", "name what scores: either 'endpoint' or 'model'");
        }
        Scorer scorer = endpoint == null
                ? version(String.valueOf(model), Fields.flag(body, "minor"))
                : champion(ModelId.parse(endpoint));
        return new ScoringOrder(
                endpoint == null ? String.valueOf(model) : "endpoint " + endpoint,
                scorer.project,
                scorer.subject,
                scorer.pinned,
                rights.caller().name(),
                input,
                textOrNull(body, "name"),
                textOrNull(body, "digest"),
                textOrNull(body, "format"),
                textOrNull(body, "resultFormat"),
                textOrNull(body, "output"),
                Fields.flag(body, "force"),
                wholeOrNull(body, "errorsMax"));
    }

    /** What scores, and whose rights count. */
    private record Scorer(@Nullable String project, String subject, ScoringJob.Pinned pinned) {}

    private Scorer champion(ModelId endpoint) {
        rights.uses(endpoint);
        return new Scorer(null, endpoint.toString(), rooms.scoringTargets().champion(endpoint));
    }

    /** A version that is ready, or one of the registry of the request's project, which is made ready first. */
    private Scorer version(String text, boolean minor) {
        String name = ScoringTargets.model(text);
        Optional<ScoringJob.Pinned> ready = rooms.scoringTargets().ready(text);
        if (ready.isPresent()) {
            rights.uses(ModelId.parse(name));
            return new Scorer(null, name, ready.get());
        }
        String project = rights.place();
        rights.usesModel(project, name);
        return new Scorer(
                project, name, ScoringJob.Pinned.prepared(rooms.deployments().toScore(project, text, minor)));
    }

    private static @Nullable String textOrNull(JsonNode body, String name) {
        return Optional.of(Fields.text(body, name, ""))
                .filter(text -> !text.isEmpty())
                .orElse(null);
    }

    private static @Nullable Long wholeOrNull(JsonNode body, String name) {
        JsonNode value = body.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw PerennialException.invalid(name, "'" + name + "' must be a whole number, got " + value);
        }
        return value.asLong();
    }

    @GET
    @Path("/{scoring}")
    @Needs(value = Right.USE, on = Needs.On.SCORING)
    public String show(@PathParam("scoring") String scoring) {
        return rooms.scorings().get(scoring).detail().toString();
    }

    /** Takes the file of a job that waits for it. */
    @PUT
    @Path("/{scoring}/input")
    @Consumes(MediaType.WILDCARD)
    @Needs(value = Right.USE, on = Needs.On.SCORING)
    public String input(@PathParam("scoring") String scoring, InputStream bytes) {
        return rooms.scorings().take(scoring, bytes).json().toString();
    }

    /** The file that a job made, when its input was sent. */
    @GET
    @Path("/{scoring}/result")
    @Produces(MediaType.WILDCARD)
    @Needs(value = Right.USE, on = Needs.On.SCORING)
    public Response result(@PathParam("scoring") String scoring) {
        java.nio.file.Path file = rooms.scorings().result(scoring);
        String name = rooms.scorings().get(scoring).job().resultName().replaceAll("[^A-Za-z0-9._-]", "_");
        return Response.ok(file.toFile())
                .type(MediaType.APPLICATION_OCTET_STREAM)
                .header("Content-Disposition", "attachment; filename=\"" + name + "\"")
                .build();
    }

    @POST
    @Path("/{scoring}/cancel")
    @Needs(value = Right.USE, on = Needs.On.SCORING)
    public String cancel(@PathParam("scoring") String scoring) {
        return rooms.scorings()
                .cancel(scoring, "user:" + rights.caller().name())
                .json()
                .toString();
    }

    /** Starts a job again that failed or was cancelled; finished parts are not scored again. */
    @POST
    @Path("/{scoring}/resume")
    @Needs(value = Right.USE, on = Needs.On.SCORING)
    public String resume(@PathParam("scoring") String scoring) {
        return rooms.scorings().resume(scoring).json().toString();
    }
}
