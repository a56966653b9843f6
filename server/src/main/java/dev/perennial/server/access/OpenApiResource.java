package dev.perennial.server.access;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/** The description of the product's own API; made for each who asks, and kept for nobody. */
@Path("/api/openapi.json")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class OpenApiResource {
    private final RouteCheck routes;

    @Inject
    public OpenApiResource(RouteCheck routes) {
        this.routes = routes;
    }

    @GET
    @Needs(on = Needs.On.SIGNED_IN)
    public String document() {
        return OpenApi.of(routes.resources()).toPrettyString() + "\n";
    }
}
