package dev.perennial.scorer.http;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.atomic.AtomicInteger;

/** What every protocol does alike: reads bodies within the limit, checks methods, and answers. Thread-safe. */
final class Exchanges {
    private final int bodyBytesMax;
    private final Replies replies;
    private final AtomicInteger underWay = new AtomicInteger();

    /** Goes on once a body is there. */
    interface WithBody {
        /** @param since {@link System#nanoTime} when the body was whole */
        void run(byte[] body, long since);
    }

    Exchanges(int bodyBytesMax, Replies replies) {
        this.bodyBytesMax = bodyBytesMax;
        this.replies = replies;
    }

    Replies replies() {
        return replies;
    }

    /** Requests that have no answer yet. */
    int underWay() {
        return underWay.get();
    }

    /** Reads the body, then goes on with it; what is thrown there is answered. */
    void readBody(HttpServerRequest request, WithBody then) {
        underWay.incrementAndGet();
        request.response().endHandler(end -> underWay.decrementAndGet());
        Bodies.read(
                request,
                bodyBytesMax,
                body -> {
                    try {
                        then.run(body, System.nanoTime());
                    } catch (PerennialException e) {
                        replies.error(request, e);
                    }
                },
                e -> replies.error(request, e));
    }

    /** Sends a prediction. */
    void send(HttpServerRequest request, boolean logged, String body) {
        if (!logged) {
            request.response().putHeader("X-Perennial-Logged", "no");
        }
        replies.json(request, body);
    }

    /** @throws PerennialException when the request has another method */
    static void only(HttpServerRequest request, HttpMethod method) {
        if (!request.method().equals(method)) {
            request.response().putHeader("Allow", method.name());
            throw new PerennialException(
                    ErrorCode.METHOD_NOT_ALLOWED,
                    request.method() + " is not possible here; use " + method.name(),
                    "method",
                    null);
        }
    }
}
