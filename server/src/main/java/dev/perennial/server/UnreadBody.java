package dev.perennial.server;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;

/**
 * Ends the connection of a request that was answered before its body had come. The caller gets a moment to read the answer, because a
 * connection that is closed on bytes nobody has read throws the answer away too; without an end it would hold the connection until it has
 * sent its gigabyte or the idle time is over.
 */
final class UnreadBody {
    private static final int BEFORE_ALL_OTHERS = 1100;
    private static final long LINGER_MILLIS = 1000;

    void register(@Observes Filters filters) {
        filters.register(UnreadBody::watch, BEFORE_ALL_OTHERS);
    }

    private static void watch(RoutingContext context) {
        HttpServerRequest request = context.request();
        context.addEndHandler(ended -> {
            if (!request.isEnded()) {
                context.vertx().setTimer(LINGER_MILLIS, timer -> {
                    if (!request.isEnded()) {
                        request.connection().close();
                    }
                });
            }
        });
        context.next();
    }
}
