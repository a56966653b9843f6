package dev.perennial.server;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import jakarta.inject.Inject;
import jakarta.ws.rs.container.ContainerRequestContext;
import java.util.List;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** On a server that does not lead: what the loop must see at once is refused, and the leader named. */
final class FollowerGuard {
    private static final List<String> OF_THE_LOOP = List.of(
            "/api/lifecycle/", "/api/models/", "/api/replays", "/api/pipelines/", "/api/alerts/", "/api/notifications");

    private final Rooms rooms;

    @Inject
    FollowerGuard(Rooms rooms) {
        this.rooms = rooms;
    }

    @ServerRequestFilter
    void check(ContainerRequestContext request) {
        if (rooms.leading().leads()) {
            return;
        }
        String path = request.getUriInfo().getPath();
        boolean changes =
                !request.getMethod().equals("GET") && !request.getMethod().equals("HEAD");
        if (path.startsWith("/internal/")
                || path.startsWith("/api/scorers/")
                || changes && OF_THE_LOOP.stream().anyMatch(path::startsWith)) {
            throw new PerennialException(
                    ErrorCode.UNAVAILABLE,
                    "this server does not lead and cannot do that; ask the leader at "
                            + rooms.leading().leader());
        }
    }
}
