package dev.perennial.server.access;

import dev.perennial.governance.Authentication;
import dev.perennial.governance.Caller;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.server.Rooms;
import dev.perennial.server.ui.UiRoute;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.quarkus.virtual.threads.VirtualThreads;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every request passes here before a handler sees it. Without access control the caller is whoever the request says. With it, a request
 * that proves nothing ends here, except for the pages of the interface, the signs of life and signing in. The name that was proved replaces
 * the one that the request claims.
 *
 * <p>Cost: nothing without access control; with it one or two indexed reads, and argon2 for a password that was not right a moment ago.
 */
final class AccessGate {
    private static final int BEHIND_HOST_GUARD = 900;
    private static final Logger LOG = LoggerFactory.getLogger(AccessGate.class);

    /** What anybody may ask. Pages of the interface hold no data. */
    private static final Set<String> OPEN = Set.of(
            "GET /health",
            "HEAD /health",
            "GET /version",
            "HEAD /version",
            "POST /api/access/session",
            "POST /api/access/set-up");

    private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");

    private final Rooms rooms;
    private final ExecutorService threads;

    @Inject
    AccessGate(Rooms rooms, @VirtualThreads ExecutorService threads) {
        this.rooms = rooms;
        this.threads = threads;
    }

    void register(@Observes Filters filters) {
        filters.register(this::check, BEHIND_HOST_GUARD);
    }

    private void check(RoutingContext context) {
        HttpServerRequest request = context.request();
        if (!rooms.access().auth()) {
            String actor = request.getHeader(Callers.ACTOR);
            Callers.put(context, Caller.unchecked(actor == null ? "unknown" : actor));
            context.next();
        } else if (open(request)) {
            request.headers().remove(Callers.ACTOR);
            context.next();
        } else {
            Context loop = Objects.requireNonNull(Vertx.currentContext(), "filters run on an event loop");
            request.pause();
            threads.execute(() -> find(context, loop));
        }
    }

    private static boolean open(HttpServerRequest request) {
        String path = String.valueOf(request.path());
        return OPEN.contains(request.method().name() + " " + path)
                || path.startsWith("/internal/")
                || (READING.contains(request.method().name()) && !UiRoute.api(path) && !guarded(path));
    }

    /** Paths outside the APIs' folders that show data. */
    private static boolean guarded(String path) {
        return path.startsWith("/get-artifact")
                || path.startsWith("/model-versions/")
                || path.startsWith("//")
                || path.startsWith("/metrics");
    }

    private void find(RoutingContext context, Context loop) {
        try {
            Caller caller = caller(context);
            loop.runOnContext(ignored -> pass(context, caller));
        } catch (PerennialException e) {
            loop.runOnContext(ignored -> refuse(context, e));
        } catch (RuntimeException e) {
            LOG.error("the caller could not be found out", e);
            loop.runOnContext(ignored -> refuse(
                    context,
                    new PerennialException(
                            ErrorCode.INTERNAL, "the server failed to find out who calls; its log has the reason")));
        }
    }

    private static void pass(RoutingContext context, Caller caller) {
        Callers.put(context, caller);
        context.request().headers().set(Callers.ACTOR, caller.name());
        context.request().resume();
        context.next();
    }

    private Caller caller(RoutingContext context) {
        HttpServerRequest request = context.request();
        Authentication authentication = rooms.governance().authentication();
        String address = ClientAddress.of(request, rooms.access());
        String header = request.getHeader("Authorization");
        if (header != null) {
            if (rooms.isInternal(header)) {
                String actor = request.getHeader(Callers.ACTOR);
                return Caller.internal(actor == null || actor.isBlank() ? "installation" : actor);
            }
            Caller caller = authentication.byHeader(header, address);
            if (header.regionMatches(true, 0, "Basic", 0, 5)) {
                refuseOtherSites(request, browser(request));
            }
            return caller;
        }
        Cookie cookie = cookie(request);
        if (cookie == null) {
            throw authentication.nobody(address);
        }
        Caller signedIn = authentication.bySession(cookie.getValue()).orElseThrow(() -> authentication.nobody(address));
        refuseOtherSites(request, true);
        Callers.putSession(context, cookie.getValue());
        return signedIn;
    }

    private static @Nullable Cookie cookie(HttpServerRequest request) {
        Cookie secure = request.getCookie(SessionCookie.SECURE);
        return secure != null ? secure : request.getCookie(SessionCookie.PLAIN);
    }

    private static boolean browser(HttpServerRequest request) {
        String agent = request.getHeader("User-Agent");
        return request.getHeader("Cookie") != null || (agent != null && agent.startsWith("Mozilla/"));
    }

    /** A browser adds cookies and Basic by itself, so it must also say that the page is ours; the host guard has checked what it says. */
    private static void refuseOtherSites(HttpServerRequest request, boolean browser) {
        boolean says = request.getHeader("Sec-Fetch-Site") != null || request.getHeader("Origin") != null;
        if (browser && !says && !READING.contains(request.method().name())) {
            throw new PerennialException(
                    ErrorCode.PERMISSION_DENIED,
                    "a browser must say which page sends this (Sec-Fetch-Site or Origin); scripts use a token");
        }
    }

    private static void refuse(RoutingContext context, PerennialException e) {
        HttpServerRequest request = context.request();
        request.resume();
        String path = String.valueOf(request.path());
        boolean unauthenticated = e.code() == ErrorCode.UNAUTHENTICATED;
        boolean mlflow = !path.startsWith("/api/") || path.startsWith("/api/2.0/") || path.startsWith("/api/3.0/");
        if (unauthenticated && request.getHeader("Sec-Fetch-Mode") == null) {
            context.response().putHeader("WWW-Authenticate", "Basic realm=\"mlflow\"");
        }
        if (e.code().retryable()) {
            context.response().putHeader("Retry-After", "5");
        }
        context.response().setStatusCode(e.code().httpStatus());
        if (mlflow && unauthenticated) {
            context.response().putHeader("Content-Type", "text/plain").end(String.valueOf(e.getMessage()));
            return;
        }
        var body = Json.object();
        if (mlflow) {
            body.put("error_code", e.code().mlflowCode()).put("message", e.getMessage());
        } else {
            body.putObject("error")
                    .put("code", e.code().name())
                    .put("message", e.getMessage())
                    .putNull("field");
        }
        context.response().putHeader("Content-Type", "application/json").end(body.toString());
    }
}
