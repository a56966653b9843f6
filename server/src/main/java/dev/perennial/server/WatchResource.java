package dev.perennial.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.governance.Right;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.kernel.PageRequest;
import dev.perennial.kernel.PerennialException;
import dev.perennial.server.access.ApiRights;
import dev.perennial.server.access.Needs;
import dev.perennial.store.ledger.Ledger;
import dev.perennial.store.ledger.LedgerEntry;
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
import jakarta.ws.rs.core.StreamingOutput;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Drift, alerts, notifications and the ledger. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class WatchResource {
    private static final String ACTOR = "X-Perennial-Actor";

    private final Rooms rooms;
    private final ApiRights rights;
    private final ModelViews views;

    @Inject
    public WatchResource(Rooms rooms, ApiRights rights) {
        this.rooms = rooms;
        this.rights = rights;
        this.views = new ModelViews(rooms, rights);
    }

    @GET
    @Path("/models/{model}/drift")
    @Needs(on = Needs.On.MODEL)
    public String drift(@PathParam("model") String model, @QueryParam("day") @Nullable String day) {
        ModelId id = ModelId.parse(model);
        rooms.lifecycle().lifecycles().get(id);
        return (day == null ? rooms.monitoring().latest(id) : rooms.monitoring().on(id, date(day)))
                .map(Json::write)
                .orElse("{\"day\":null,\"drift\":null,\"harm\":null,\"verdict\":null,\"findings\":[]}");
    }

    /** Whoever computes served features says how new each source is. */
    @POST
    @Path("/models/{model}/arrivals")
    @Needs(value = Right.EDIT, on = Needs.On.MODEL)
    public String arrivals(@PathParam("model") String model, @Keys({"newest", "injected"}) JsonNode body) {
        ModelId id = ModelId.parse(model);
        rooms.lifecycle().lifecycles().get(id);
        Map<String, Long> newest = new HashMap<>();
        JsonNode given = body.path("newest");
        if (!given.isObject()) {
            throw PerennialException.invalid("newest", "an object 'newest' of times by source name is needed");
        }
        given.properties().forEach(entry -> newest.put(entry.getKey(), Fields.millis(given, entry.getKey())));
        Set<String> injected = new HashSet<>();
        body.path("injected").forEach(source -> injected.add(source.asText()));
        rooms.arrivals().report(id, newest, injected);
        return "{}";
    }

    @GET
    @Path("/alerts")
    @Needs(on = Needs.On.SIGNED_IN)
    public String alerts(
            @QueryParam("model") @Nullable String model,
            @QueryParam("state") @Nullable String state,
            @QueryParam("limit") @Nullable Integer limit,
            @QueryParam("page_token") @Nullable String token) {
        return views.page(
                        rights.readable(
                                PageRequest.of(limit, token),
                                next -> rooms.alerts()
                                        .page(
                                                Optional.ofNullable(model).map(ModelId::parse),
                                                Optional.ofNullable(state),
                                                next),
                                alert -> alert.model().toString()),
                        Json::tree)
                .toString();
    }

    @GET
    @Path("/alerts/{id}")
    @Needs(on = Needs.On.ALERT)
    public String alert(@PathParam("id") String id) {
        return Json.write(rooms.alerts().get(id));
    }

    @POST
    @Path("/alerts/{id}/acknowledge")
    @Needs(value = Right.EDIT, on = Needs.On.ALERT)
    public String acknowledge(
            @HeaderParam(ACTOR) @Nullable String actor,
            @PathParam("id") String id,
            @Keys({"by", "reason"}) JsonNode body) {
        return Json.write(rooms.alerts().acknowledge(id, ApiResource.by(actor, body), Fields.text(body, "reason", "")));
    }

    @POST
    @Path("/alerts/{id}/silence")
    @Needs(value = Right.EDIT, on = Needs.On.ALERT)
    public String silence(
            @HeaderParam(ACTOR) @Nullable String actor,
            @PathParam("id") String id,
            @Keys({"by", "reason", "until"}) JsonNode body) {
        return Json.write(rooms.alerts()
                .silence(
                        id,
                        ApiResource.by(actor, body),
                        Fields.text(body, "reason", ""),
                        Fields.millis(body, "until")));
    }

    @GET
    @Path("/notifications")
    @Needs(on = Needs.On.INSTALLATION)
    public String notifications() {
        return rooms.notifier().state().toString();
    }

    @PUT
    @Path("/notifications")
    @Needs(value = Right.MANAGE, on = Needs.On.INSTALLATION)
    public String setNotifications(@Keys("webhook") JsonNode body) {
        rooms.notifier().webhook(Fields.text(body, "webhook"));
        return rooms.notifier().state().toString();
    }

    @POST
    @Path("/notifications/test")
    @Needs(value = Right.MANAGE, on = Needs.On.INSTALLATION)
    public String testNotification() {
        return rooms.notifier().test().toString();
    }

    @GET
    @Path("/ledger")
    @Needs(on = Needs.On.INSTALLATION)
    public String ledger() {
        Ledger.Status status = rooms.store().ledger().status();
        ObjectNode body = Json.object()
                .put("ledger", status.ledger())
                .put("entries", status.entries())
                .put("sealed", status.sealed());
        status.checkpoint().ifPresent(checkpoint -> body.set("checkpoint", Json.tree(checkpoint)));
        return body.toString();
    }

    @GET
    @Path("/ledger/entries")
    @Needs(on = Needs.On.INSTALLATION)
    public String ledgerEntries(
            @QueryParam("stream") @Nullable String stream,
            @QueryParam("limit") @Nullable Integer limit,
            @QueryParam("page_token") @Nullable String token) {
        if (stream == null) {
            return views.page(rooms.store().ledger().streams(PageRequest.of(limit, token)), Json::tree)
                    .toString();
        }
        return views.page(rooms.store().ledger().entries(stream, PageRequest.of(limit, token)), WatchResource::entry)
                .toString();
    }

    @GET
    @Path("/ledger/export")
    @Produces(MediaType.WILDCARD)
    @Needs(on = Needs.On.INSTALLATION)
    public Response export() {
        StreamingOutput archive = out -> rooms.store().ledger().export(out);
        return Response.ok(archive).type("application/zip").build();
    }

    private static JsonNode entry(LedgerEntry entry) {
        ObjectNode body = Json.object()
                .put("stream", entry.stream())
                .put("seq", entry.seq())
                .put("hash", entry.hash().hex())
                .put("actor", entry.actor())
                .put("action", entry.action())
                .put("object", entry.object())
                .put("recordedAt", entry.recordedAt());
        body.set("payload", entry.payload().orElse(null));
        return entry.leaf().isPresent() ? body.put("leaf", entry.leaf().getAsLong()) : body.putNull("leaf");
    }

    private static LocalDate date(String text) {
        try {
            return LocalDate.parse(text);
        } catch (java.time.format.DateTimeParseException e) {
            throw PerennialException.invalid("day", "day '" + text + "' must look like 2013-05-01");
        }
    }
}
