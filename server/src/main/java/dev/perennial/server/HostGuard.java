package dev.perennial.server;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import java.net.URI;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps web pages from driving a server on this machine: the Host header must name loopback, and a request that a page of another origin
 * sent is refused before anything is read.
 */
final class HostGuard {
    private static final int FIRST = 1000;
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]", "::1");

    void register(@Observes Filters filters) {
        filters.register(HostGuard::check, FIRST);
    }

    private static void check(RoutingContext context) {
        HttpServerRequest request = context.request();
        String host = request.authority() == null ? null : request.authority().host();
        String origin = request.getHeader("Origin");
        String site = request.getHeader("Sec-Fetch-Site");
        if (host == null || !LOOPBACK.contains(host)) {
            refuse(context, "Host '" + host + "' is not this machine; use http://127.0.0.1 or http://localhost");
        } else if (origin != null && !sameOrigin(origin, request.getHeader("Host"))) {
            refuse(context, "a page of '" + origin + "' may not call this server");
        } else if (site != null && !site.equals("same-origin") && !site.equals("none") && !request.method().name().equals("GET")) {
            refuse(context, "a page of another site may not change anything here");
        } else {
            context.response().putHeader("X-Content-Type-Options", "nosniff").putHeader("Referrer-Policy", "same-origin");
            context.next();
        }
    }

    private static boolean sameOrigin(String origin, @Nullable String host) {
        try {
            URI uri = URI.create(origin);
            return "http".equals(uri.getScheme()) && host != null && host.equalsIgnoreCase(uri.getAuthority());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static void refuse(RoutingContext context, String message) {
        context.response()
                .setStatusCode(403)
                .putHeader("Content-Type", "application/json")
                .end("{\"error\":{\"code\":\"PERMISSION_DENIED\",\"message\":" + dev.perennial.kernel.Json.write(message) + ",\"field\":\"Host\"}}");
    }
}
