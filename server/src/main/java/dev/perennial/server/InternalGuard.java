package dev.perennial.server;

import jakarta.inject.Inject;
import jakarta.ws.rs.container.ContainerRequestContext;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Checks the internal token, and that the caller is of this installation, before anything of the body is read: a segment may have a gigabyte. */
final class InternalGuard {
    private final Rooms rooms;

    @Inject
    InternalGuard(Rooms rooms) {
        this.rooms = rooms;
    }

    @Internal
    @ServerRequestFilter
    void check(ContainerRequestContext request) {
        rooms.token().check(request.getHeaderString("Authorization"));
        rooms.installation().check(request.getHeaderString(InstallationId.HEADER));
    }
}
