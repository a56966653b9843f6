package dev.perennial.scorer.http;

import io.vertx.core.http.HttpServerRequest;

/** The routes of one protocol. Called on event loops; thread-safe. */
public interface Protocol {
    /**
     * Takes a request, if its path is one of this protocol's.
     *
     * @param path decoded
     * @param parts the path between its slashes; the first is empty
     * @return false when it is not, and nothing was done
     * @throws dev.perennial.kernel.PerennialException when the request is refused; the caller answers
     */
    boolean handle(HttpServerRequest request, String path, String[] parts);
}
