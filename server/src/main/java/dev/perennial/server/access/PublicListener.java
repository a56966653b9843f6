package dev.perennial.server.access;

import dev.perennial.server.Rooms;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.ext.web.Router;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listener beyond loopback, with TLS, or without it for the named proxies alone. The plain listener on loopback stays for the
 * installation's own processes.
 */
@ApplicationScoped
public class PublicListener {
    private static final Logger LOG = LoggerFactory.getLogger(PublicListener.class);
    private static final Set<String> PROTOCOLS = Set.of("TLSv1.3", "TLSv1.2");
    private static final int HEADERS_BYTES_MAX = 16 << 10;
    private static final int LINE_BYTES_MAX = 64 << 10;
    private static final int IDLE_SECONDS = 60;
    private static final int START_SECONDS_MAX = 20;
    private static final int AFTER_ROOMS = 5000;

    private final Rooms rooms;
    private final Vertx vertx;
    private final AtomicReference<@Nullable Router> router = new AtomicReference<>();
    private final AtomicReference<@Nullable HttpServer> server = new AtomicReference<>();

    @Inject
    public PublicListener(Rooms rooms, Vertx vertx) {
        this.rooms = rooms;
        this.vertx = vertx;
    }

    void register(@Observes Router router) {
        this.router.set(router);
    }

    void start(@Observes @Priority(AFTER_ROOMS) StartupEvent event) {
        AccessSettings settings = rooms.access();
        if (settings.host().isEmpty()) {
            return;
        }
        HttpServer made = vertx.createHttpServer(options(settings)).requestHandler(this::take);
        String where = settings.host().get() + ":" + settings.publicPort();
        try {
            made.listen().toCompletionStage().toCompletableFuture().get(START_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException | TimeoutException e) {
            throw new IllegalStateException("cannot listen on " + where + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while starting to listen on " + where, e);
        }
        server.set(made);
        LOG.info("listening on {} {}", where, settings.proxiedOnly() ? "for the named proxies" : "with TLS");
    }

    private static HttpServerOptions options(AccessSettings settings) {
        HttpServerOptions options = new HttpServerOptions()
                .setHost(settings.host().orElseThrow())
                .setPort(settings.publicPort())
                .setMaxHeaderSize(HEADERS_BYTES_MAX)
                .setMaxInitialLineLength(LINE_BYTES_MAX)
                .setIdleTimeout(IDLE_SECONDS);
        if (settings.certificate().isPresent() && settings.key().isPresent()) {
            options.setSsl(true)
                    .setEnabledSecureTransportProtocols(PROTOCOLS)
                    .setKeyCertOptions(new PemKeyCertOptions()
                            .setCertPath(readable(settings.certificate().get()))
                            .setKeyPath(readable(settings.key().get())));
        }
        return options;
    }

    private static String readable(Path file) {
        if (!Files.isReadable(file)) {
            throw new IllegalArgumentException("the PEM file " + file + " is not there or not readable");
        }
        return file.toAbsolutePath().toString();
    }

    private void take(HttpServerRequest request) {
        String peer =
                request.remoteAddress() == null ? "" : request.remoteAddress().hostAddress();
        boolean allowed =
                !rooms.access().proxiedOnly() || rooms.access().proxies().contains(peer);
        Router all = router.get();
        String authorization = request.getHeader("Authorization");
        boolean inside = authorization != null && rooms.isInternal(authorization);
        if (all == null
                || !allowed
                || inside
                || request.path() == null
                || request.path().startsWith("/internal")) {
            request.response().setStatusCode(403).end();
            return;
        }
        if (request.isSSL()) {
            request.response().putHeader("Strict-Transport-Security", "max-age=31536000");
        }
        all.handle(request);
    }

    void stop(@Observes ShutdownEvent event) {
        HttpServer made = server.getAndSet(null);
        if (made != null) {
            made.close();
        }
    }
}
