package dev.perennial.server.access;

import io.vertx.core.http.HttpServerRequest;

/** Where a request came from; a named proxy is believed when it says from whom it has it. */
final class ClientAddress {
    private ClientAddress() {}

    static String of(HttpServerRequest request, AccessSettings settings) {
        String peer = request.remoteAddress() == null
                ? "unknown"
                : request.remoteAddress().hostAddress();
        String forwarded = request.getHeader("X-Forwarded-For");
        if (forwarded == null || !settings.proxies().contains(peer)) {
            return peer;
        }
        String[] hops = forwarded.split(",");
        return hops.length == 0 ? peer : hops[hops.length - 1].strip();
    }
}
