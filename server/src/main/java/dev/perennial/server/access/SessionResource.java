package dev.perennial.server.access;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.governance.Caller;
import dev.perennial.governance.Right;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.server.Fields;
import dev.perennial.server.Keys;
import dev.perennial.server.Rooms;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Optional;

/** Signing in and out of the interface, and the set-up of the first administrator. */
@Path("/api/access")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class SessionResource {
    private static final String SET_COOKIE = "Set-Cookie";

    private final Rooms rooms;
    private final ApiRights rights;
    private final CurrentVertxRequest current;

    @Inject
    public SessionResource(Rooms rooms, ApiRights rights, CurrentVertxRequest current) {
        this.rooms = rooms;
        this.rights = rights;
        this.current = current;
    }

    @POST
    @Path("/session")
    @Needs(on = Needs.On.OPEN)
    public Response signIn(@Keys({"user", "password"}) JsonNode body) {
        requireAuth();
        String user = Fields.text(body, "user");
        return signedIn(user, Fields.text(body, "password"));
    }

    private Response signedIn(String user, String password) {
        RoutingContext context = current.getCurrent();
        String secret = rooms.governance()
                .authentication()
                .signIn(user, password, ClientAddress.of(context.request(), rooms.access()));
        return Response.ok(Json.object().put("user", user).toString())
                .header(SET_COOKIE, SessionCookie.of(secret, secure(context)))
                .header("Cache-Control", "no-store")
                .build();
    }

    private boolean secure(RoutingContext context) {
        return SessionCookie.secure(context.request(), rooms.access());
    }

    @DELETE
    @Path("/session")
    @Needs(value = Right.EDIT, on = Needs.On.SIGNED_IN)
    public Response signOut() {
        RoutingContext context = current.getCurrent();
        Caller caller = rights.caller();
        String session = Callers.session(context);
        if (session != null) {
            rooms.governance().authentication().signOut(caller, session);
        }
        return Response.ok("{}")
                .header(SET_COOKIE, SessionCookie.gone(secure(context)))
                .build();
    }

    /** Changes one's own password; all sessions end, and who came with one gets a new one. */
    @POST
    @Path("/password")
    @Needs(value = Right.EDIT, on = Needs.On.SIGNED_IN)
    public Response password(@Keys({"current", "password"}) JsonNode body) {
        requireAuth();
        RoutingContext context = current.getCurrent();
        Optional<String> session = rooms.governance()
                .authentication()
                .change(
                        rights.person(),
                        Fields.text(body, "current"),
                        Fields.text(body, "password"),
                        ClientAddress.of(context.request(), rooms.access()));
        Response.ResponseBuilder answer = Response.ok("{}").header("Cache-Control", "no-store");
        session.ifPresent(secret -> answer.header(SET_COOKIE, SessionCookie.of(secret, secure(context))));
        return answer.build();
    }

    /** Makes the first administrator by the address that the server printed, and signs in. */
    @POST
    @Path("/set-up")
    @Needs(on = Needs.On.OPEN)
    public Response setUp(@Keys({"secret", "user", "password"}) JsonNode body) {
        requireAuth();
        String user = Fields.text(body, "user");
        String password = Fields.text(body, "password");
        rooms.governance().setUp().administrator(Fields.text(body, "secret"), user, password);
        return signedIn(user, password);
    }

    private void requireAuth() {
        if (!rooms.access().auth()) {
            throw PerennialException.state("this server asks nobody to sign in; start it with --auth to have users");
        }
    }
}
