package dev.perennial.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.governance.Right;
import dev.perennial.kernel.Json;
import dev.perennial.server.access.Needs;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Deletion for good: a dry run is answered at once, a collection runs on and is asked about. */
@Path("/api/gc")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class UpkeepResource {
    private final Rooms rooms;

    @Inject
    public UpkeepResource(Rooms rooms) {
        this.rooms = rooms;
    }

    /** {@code {olderThanMillis, dryRun}}. */
    @POST
    @Needs(value = Right.MANAGE, on = Needs.On.INSTALLATION)
    public String collect(
            @HeaderParam("X-Perennial-Actor") @Nullable String actor,
            @Keys({"olderThanMillis", "dryRun"}) JsonNode body) {
        Duration retention = Duration.ofMillis(Fields.millis(body, "olderThanMillis"));
        if (Fields.flag(body, "dryRun")) {
            return Json.write(rooms.upkeep().look(retention));
        }
        String by = actor == null || actor.isBlank() ? "unknown" : actor;
        return Json.write(rooms.upkeep().start(retention, "user:" + by));
    }

    /** How the last collection of this server goes or went. */
    @GET
    @Needs(value = Right.MANAGE, on = Needs.On.INSTALLATION)
    public String state() {
        return Json.write(rooms.upkeep().state());
    }
}
