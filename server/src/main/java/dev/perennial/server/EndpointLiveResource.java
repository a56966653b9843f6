package dev.perennial.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ModelId;
import dev.perennial.server.access.Needs;
import dev.perennial.serving.ScorerFleet;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/** What an endpoint does at this moment: counts since its scorers began, by version. */
@Path("/api/endpoints/{endpoint}/live")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class EndpointLiveResource {
    private final Rooms rooms;
    private final LiveStatistics live;

    @Inject
    public EndpointLiveResource(Rooms rooms) {
        this.rooms = rooms;
        this.live = new LiveStatistics(rooms::token);
    }

    @PreDestroy
    void close() {
        live.close();
    }

    @GET
    @Needs(on = Needs.On.ENDPOINT)
    public String show(@PathParam("endpoint") String name) {
        ModelId endpoint = ModelId.parse(name);
        ObjectNode body = Json.object()
                .put("endpoint", endpoint.toString())
                .put("at", rooms.clock().millis());
        body.setAll((ObjectNode) Json.tree(live.of(
                endpoint.toString(),
                rooms.fleet().scorers().stream()
                        .filter(ScorerFleet.Scorer::alive)
                        .toList())));
        return body.toString();
    }
}
