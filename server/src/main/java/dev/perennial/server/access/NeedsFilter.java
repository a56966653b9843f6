package dev.perennial.server.access;

import dev.perennial.governance.Caller;
import dev.perennial.governance.Right;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import jakarta.inject.Inject;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.UriInfo;
import java.lang.reflect.Method;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Checks the right that each route of the product's own API declares. A route that declares none is refused. */
final class NeedsFilter {
    private final ApiRights rights;

    @Inject
    NeedsFilter(ApiRights rights) {
        this.rights = rights;
    }

    @ServerRequestFilter
    void check(ContainerRequestContext request, ResourceInfo resource, UriInfo uri) {
        Method method = resource.getResourceMethod();
        if (DeclaredNeeds.internal(method)) {
            return;
        }
        Needs needs = DeclaredNeeds.of(method);
        if (needs.on() == Needs.On.OPEN) {
            return;
        }
        Caller caller = rights.caller();
        if (caller.how() == Caller.How.NOBODY_ASKED) {
            return;
        }
        Right right = needs.value();
        switch (needs.on()) {
            case OPEN, SIGNED_IN, LIFECYCLE_FILE -> {}
            case INSTALLATION -> administrator(caller);
            case DATA_DIRECTORY -> dataDirectory(caller);
            case MODEL -> rights.model(caller, right, parameter(uri, "model"));
            case SIGNING -> rights.signing(caller, parameter(uri, "model"));
            case ALERT -> rights.alert(caller, right, parameter(uri, "id"));
            case PIPELINE_RUN -> rights.run(caller, right, parameter(uri, "run"));
            case REPLAY -> rights.replay(caller, right, parameter(uri, "name"));
            case SCORER -> ApiRights.scorer(caller, parameter(uri, "id"));
            case ENDPOINT -> rights.endpoint(caller, right, parameter(uri, "endpoint"));
            case ENDPOINT_PLACE ->
                rights.endpointPlace(caller, right, uri.getPathParameters().getFirst("endpoint"));
            case SCORING -> rights.scoring(caller, right, parameter(uri, "scoring"));
            case PROJECT -> rights.project(caller, right, parameter(uri, "project"));
        }
    }

    private static void dataDirectory(Caller caller) {
        if (caller.how() != Caller.How.INTERNAL) {
            throw new PerennialException(
                    ErrorCode.PERMISSION_DENIED,
                    "this is for who may read the data directory, by a command on the server's machine");
        }
    }

    private static void administrator(Caller caller) {
        if (!caller.unrestricted()) {
            throw dev.perennial.governance.Access.denied();
        }
    }

    private static String parameter(UriInfo uri, String name) {
        String value = uri.getPathParameters().getFirst(name);
        if (value == null) {
            throw PerennialException.state("a route needs '" + name + "' in its path and has none");
        }
        return value;
    }
}
