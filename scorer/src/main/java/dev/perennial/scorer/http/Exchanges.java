package dev.perennial.scorer.http;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.access.Caller;
import dev.perennial.scorer.access.Gate;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** What every protocol does alike: finds out who asks, reads bodies within the limit, checks methods, and answers. Thread-safe. */
public final class Exchanges {
    private static final int OK = 200;
    private static final int HEAP_SHARE = 4;

    private final Bodies bodies;
    private final Replies replies;
    private final AtomicInteger before = new AtomicInteger();
    private final AtomicInteger since = new AtomicInteger();
    private final Gate gate;
    private volatile AtomicInteger counting = before;

    /** Goes on once a body is there. */
    public interface WithBody {
        /** @param since {@link System#nanoTime} when the body was whole */
        void run(byte[] body, long since);
    }

    public Exchanges(int bodyBytesMax, Replies replies, Gate gate) {
        this.bodies = new Bodies(bodyBytesMax, Runtime.getRuntime().maxMemory() / HEAP_SHARE);
        this.replies = replies;
        this.gate = gate;
    }

    public Replies replies() {
        return replies;
    }

    /** Requests that have no answer yet. */
    int underWay() {
        return before.get() + since.get();
    }

    /** Tells those requests that are under way now from later ones; done once, when the scorer is about to end. */
    void split() {
        counting = since;
    }

    /** Requests that were under way at the split and have no answer yet. */
    int fromBefore() {
        return before.get();
    }

    /**
     * Who asks.
     *
     * @throws PerennialException when a token is needed and none that is valid was shown
     */
    public Caller caller(HttpServerRequest request) {
        return gate.check(request.getHeader(HttpHeaders.AUTHORIZATION));
    }

    /**
     * Reads the body, inflated, then goes on with it; what is thrown there is answered.
     *
     * @throws PerennialException at once when it is not known who asks, before anything is read
     */
    public void readBody(HttpServerRequest request, WithBody then) {
        caller(request);
        AtomicInteger underWay = counting;
        underWay.incrementAndGet();
        AtomicReference<Runnable> letGo = new AtomicReference<>(() -> {});
        request.response().endHandler(end -> {
            underWay.decrementAndGet();
            letGo.get().run();
        });
        letGo.set(bodies.read(
                request,
                body -> {
                    try {
                        then.run(body, System.nanoTime());
                    } catch (PerennialException e) {
                        replies.error(request, e);
                    }
                },
                e -> replies.error(request, e)));
    }

    /** Sends a prediction. */
    public void send(HttpServerRequest request, boolean logged, String body) {
        mark(request, logged);
        replies.json(request, body);
    }

    /** Sends a prediction of another content type. */
    public void send(HttpServerRequest request, boolean logged, String contentType, byte[] body) {
        mark(request, logged);
        replies.send(request, OK, contentType, body);
    }

    /**
     * Tells who answered in the champion's place.
     *
     * @param by empty when nobody had to
     */
    public static void fallback(HttpServerRequest request, String by) {
        if (!by.isEmpty()) {
            request.response().putHeader("X-Perennial-Fallback", by);
        }
    }

    private static void mark(HttpServerRequest request, boolean logged) {
        if (!logged) {
            request.response().putHeader("X-Perennial-Logged", "no");
        }
    }

    /** @throws PerennialException when the request has another method */
    public static void only(HttpServerRequest request, HttpMethod method) {
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
