package dev.perennial.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.server.access.ApiRights;
import dev.perennial.server.access.Needs;
import dev.perennial.serving.ScorerFleet;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/** What all endpoints that one may read do at this moment, for a list of them. */
@Path("/api/live")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class LiveResource {
    private final Rooms rooms;
    private final ApiRights rights;
    private final LiveStatistics live;

    @Inject
    public LiveResource(Rooms rooms, ApiRights rights) {
        this.rooms = rooms;
        this.live = new LiveStatistics(rooms::token);
        this.rights = rights;
    }

    @PreDestroy
    void close() {
        live.close();
    }

    @GET
    @Needs(on = Needs.On.SIGNED_IN)
    public String list() {
        LiveStatistics.All all = live.all(rooms.fleet().scorers().stream()
                .filter(ScorerFleet.Scorer::alive)
                .toList());
        ObjectNode body = Json.object().put("at", rooms.clock().millis());
        body.set("scorers", Json.tree(all.scorers()));
        ArrayNode items = body.putArray("items");
        all.endpoints().forEach((name, versions) -> {
            if (rights.reads(name)) {
                items.addObject().put("endpoint", name).set("versions", Json.tree(versions));
            }
        });
        return body.toString();
    }
}
