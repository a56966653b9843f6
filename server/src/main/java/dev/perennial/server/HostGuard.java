package dev.perennial.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps web pages from driving this server: the Host header must name loopback or the name that it was started with, and a request that a page of another origin
 * sent is refused before anything is read. What no route can make sense of in an address is refused here, too.
 */
final class HostGuard {
    private static final int FIRST = 1000;
    private static final int BAD_REQUEST = 400;
    private static final String NOT_PLAIN =
            "the address is not well formed: percent-encoded UTF-8 without control characters is needed";

    /** The whole numbers among the query parameters of our own routes. */
    private static final List<String> NUMBERS = List.of("limit", "wait", "windowDays", "revision");

    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]", "::1");

    private final Rooms rooms;

    @Inject
    HostGuard(Rooms rooms) {
        this.rooms = rooms;
    }

    void register(@Observes Filters filters) {
        filters.register(this::check, FIRST);
    }

    /** An address that the router itself cannot read never comes as far as the filter. */
    void register(@Observes Router router) {
        router.errorHandler(
                BAD_REQUEST, context -> answer(context, BAD_REQUEST, "MALFORMED_REQUEST", "path", NOT_PLAIN));
    }

    private void check(RoutingContext context) {
        HttpServerRequest request = context.request();
        String host = request.authority() == null ? null : request.authority().host();
        String origin = request.getHeader("Origin");
        String site = request.getHeader("Sec-Fetch-Site");
        if (host == null || !(LOOPBACK.contains(host) || rooms.access().knows(host))) {
            refuse(context, "Host '" + host + "' is not this machine; use http://127.0.0.1 or http://localhost");
        } else if (origin != null && !sameOrigin(origin, request)) {
            refuse(context, "a page of '" + origin + "' may not call this server");
        } else if (site != null
                && !site.equals("same-origin")
                && !site.equals("none")
                && !request.method().name().equals("GET")) {
            refuse(context, "a page of another site may not change anything here");
        } else if (!plain(request.uri())) {
            answer(context, BAD_REQUEST, "MALFORMED_REQUEST", "path", NOT_PLAIN);
        } else if (emptyNumber(context).isPresent()) {
            String name = emptyNumber(context).orElseThrow();
            answer(
                    context,
                    BAD_REQUEST,
                    "INVALID_ARGUMENT",
                    name,
                    "'" + name + "' must be a whole number, it is empty");
        } else {
            context.response()
                    .putHeader("X-Content-Type-Options", "nosniff")
                    .putHeader("Referrer-Policy", "same-origin");
            context.next();
        }
    }

    private boolean sameOrigin(String origin, HttpServerRequest request) {
        try {
            URI uri = URI.create(origin);
            String host = request.getHeader("Host");
            boolean external = rooms.access()
                    .externalUrl()
                    .filter(known -> known.getScheme().equalsIgnoreCase(uri.getScheme())
                            && known.getAuthority().equalsIgnoreCase(uri.getAuthority()))
                    .isPresent();
            // Under the external name people speak to the proxy, so what reaches us here says nothing of their scheme.
            return external
                    || (!underExternalName(request)
                            && (request.isSSL() ? "https" : "http").equals(uri.getScheme())
                            && host != null
                            && host.equalsIgnoreCase(uri.getAuthority()));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private boolean underExternalName(HttpServerRequest request) {
        String host = request.authority() == null ? "" : request.authority().host();
        return rooms.access()
                .externalUrl()
                .filter(known -> known.getHost().equalsIgnoreCase(host))
                .isPresent();
    }

    /** Whether path and query decode to text without control characters; no id of ours has any. */
    private static boolean plain(String uri) {
        try {
            String text = URLDecoder.decode(uri, StandardCharsets.UTF_8);
            return text.chars().noneMatch(c -> Character.isISOControl(c) || c == '\uFFFD');
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** A number of one of our own routes that is named and not said: the framework takes it for none. */
    private static Optional<String> emptyNumber(RoutingContext context) {
        String path = String.valueOf(context.request().path());
        boolean own = path.startsWith("/api/") && !path.startsWith("/api/2.0/") && !path.startsWith("/api/3.0/");
        return NUMBERS.stream()
                .filter(name -> own && context.queryParam(name).contains(""))
                .findFirst();
    }

    private static void refuse(RoutingContext context, String message) {
        answer(context, 403, "PERMISSION_DENIED", "Host", message);
    }

    private static void answer(RoutingContext context, int status, String code, String field, String message) {
        ObjectNode body = Json.object();
        body.putObject("error").put("code", code).put("message", message).put("field", field);
        context.response()
                .setStatusCode(status)
                .putHeader("Content-Type", "application/json")
                .end(body.toString());
    }
}
