package dev.perennial.scorer.http;

import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.Metrics;
import dev.perennial.scorer.ScorerSettings;
import dev.perennial.scorer.serving.Endpoint;
import dev.perennial.scorer.serving.Instance;
import dev.perennial.scorer.serving.Predictor;
import dev.perennial.scorer.serving.Router;
import dev.perennial.scorer.serving.Serving;
import dev.perennial.scoring.ModelFailure;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The public routes. Scoring by our own evaluator runs on the event loop; foreign models and large batches run on a bounded pool, and a
 * full pool answers 503 at once.
 *
 * <p>Cost of a one-row request beside the transport: 5 us parsing, 2 us trees, 3 us log, 1 us answer.
 */
public final class Front implements Handler<HttpServerRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(Front.class);
    private static final int INLINE_BYTES_MAX = 64 << 10;

    private final Vertx vertx;
    private final ScorerSettings settings;
    private final Router router;
    private final Predictor predictor;
    private final Replies replies;
    private final PlainProtocol plain;
    private final OpenInference openInference;
    private final Health health;
    private final Metrics metrics;
    private final ThreadPoolExecutor pool;
    private final AtomicInteger underWay = new AtomicInteger();

    public Front(
            Vertx vertx,
            ScorerSettings settings,
            InstantSource clock,
            Supplier<String> ids,
            Router router,
            Predictor predictor,
            Health health,
            Metrics metrics) {
        this.vertx = vertx;
        this.settings = settings;
        this.router = router;
        this.predictor = predictor;
        this.health = health;
        this.metrics = metrics;
        this.replies = new Replies(metrics);
        this.plain = new PlainProtocol(clock, settings.limits().batchRows());
        this.openInference = new OpenInference(clock, settings.limits().batchRows(), ids);
        int threads = Runtime.getRuntime().availableProcessors();
        this.pool = new ThreadPoolExecutor(
                threads,
                threads,
                1,
                TimeUnit.MINUTES,
                new ArrayBlockingQueue<>(settings.limits().queuedRequests()));
        pool.allowCoreThreadTimeOut(true);
    }

    /** Requests that have no answer yet. */
    public int underWay() {
        return underWay.get();
    }

    @Override
    public void handle(HttpServerRequest request) {
        try {
            Guard.check(request);
            route(request);
        } catch (PerennialException e) {
            replies.error(request, e);
        }
    }

    private void route(HttpServerRequest request) {
        String path = decoded(request);
        String[] parts = path.split("/", -1);
        if (parts.length == 4 && parts[1].equals("endpoints") && parts[3].equals("predict")) {
            post(request);
            readBody(request, (body, since) -> predict(request, parts[2], body, since));
        } else if (parts.length == 5 && path.startsWith("/v2/models/") && parts[4].equals("infer")) {
            post(request);
            readBody(request, (body, since) -> infer(request, parts[3], body, since));
        } else {
            get(request, path, parts);
        }
    }

    private void get(HttpServerRequest request, String path, String[] parts) {
        if (parts.length == 5 && path.startsWith("/v2/models/") && parts[4].equals("ready")) {
            onlyGet(request);
            withEndpoint(
                    parts[3],
                    (serving, endpoint) -> replies.json(
                            request,
                            dev.perennial.kernel.Json.object()
                                    .put("name", endpoint.name())
                                    .put("ready", true)
                                    .toString()));
            return;
        }
        if (parts.length == 4 && path.startsWith("/v2/models/")) {
            onlyGet(request);
            withEndpoint(
                    parts[3],
                    (serving, endpoint) -> replies.json(
                            request, OpenInference.metadata(endpoint).toString()));
            return;
        }
        switch (path) {
            case "/healthz", "/v2/health/live", "/v2/health/ready", "/v2", "/v2/models" -> {
                onlyGet(request);
                Health.Answer answer = health.answer(path);
                replies.send(request, answer.status(), answer.body());
            }
            case "/metrics" -> {
                onlyGet(request);
                request.response()
                        .putHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
                        .end(metrics.text());
            }
            default ->
                throw PerennialException.notFound(
                        "there is no route " + path + "; see /v2 and /endpoints/NAME/predict");
        }
    }

    private void predict(HttpServerRequest request, String name, byte[] body, long since) {
        dispatch(request, name, body, since, (endpoint) -> {
            List<Instance> rows = plain.read(endpoint, body);
            return new Work(rows, PlainProtocol::write);
        });
    }

    private void infer(HttpServerRequest request, String name, byte[] body, long since) {
        dispatch(request, name, body, since, (endpoint) -> {
            OpenInference.Request parsed = openInference.read(endpoint, body);
            return new Work(parsed.rows(), answers -> OpenInference.write(endpoint, parsed, answers));
        });
    }

    private record Work(
            List<Instance> rows,
            java.util.function.Function<List<dev.perennial.scorer.serving.Answer>, String> write) {}

    private interface Reader {
        Work read(Endpoint endpoint);
    }

    private interface WithEndpoint {
        void run(Serving serving, Endpoint endpoint);
    }

    private interface WithBody {
        void run(byte[] body, long since);
    }

    /** Answers here or on the pool; the lease lasts until the answer is sent. */
    private void dispatch(HttpServerRequest request, String name, byte[] body, long since, Reader reader) {
        Serving serving = router.lease();
        boolean handedOver = false;
        try {
            Endpoint endpoint = endpoint(serving, name);
            if (!endpoint.foreign() && body.length <= INLINE_BYTES_MAX) {
                answer(request, serving, endpoint, reader, since, Runnable::run);
                return;
            }
            Context context = vertx.getOrCreateContext();
            pool.execute(() -> {
                try (serving) {
                    answer(request, serving, endpoint, reader, since, send -> context.runOnContext(now -> send.run()));
                }
            });
            handedOver = true;
        } catch (RejectedExecutionException e) {
            throw new PerennialException(
                    ErrorCode.UNAVAILABLE,
                    "more than " + settings.limits().queuedRequests() + " requests wait for a model; try again");
        } finally {
            if (!handedOver) {
                serving.close();
            }
        }
    }

    private void answer(
            HttpServerRequest request,
            Serving serving,
            Endpoint endpoint,
            Reader reader,
            long since,
            java.util.concurrent.Executor loop) {
        try {
            Work work = reader.read(endpoint);
            Predictor.Result result = predictor.predict(serving, endpoint, work.rows(), since);
            String body = work.write().apply(result.answers());
            loop.execute(() -> {
                if (!result.logged()) {
                    request.response().putHeader("X-Perennial-Logged", "no");
                }
                replies.json(request, body);
                endpoint.latency().record(System.nanoTime() - since);
                result.answered().run();
            });
        } catch (PerennialException e) {
            loop.execute(() -> replies.error(request, e));
        } catch (ModelFailure e) {
            LOG.warn("{} of {} failed: {}", endpoint.championVersion(), endpoint.name(), e.getMessage());
            loop.execute(() -> replies.error(
                    request,
                    PerennialException.internal(
                            "the model " + endpoint.championVersion() + " failed: " + e.getMessage(), e)));
        } catch (RuntimeException e) { // the boundary of a request: logged, answered, and the next one goes on
            LOG.error("a request to {} failed", endpoint.name(), e);
            loop.execute(() ->
                    replies.error(request, PerennialException.internal("an error of the scorer; see its log", e)));
        }
    }

    private void readBody(HttpServerRequest request, WithBody then) {
        underWay.incrementAndGet();
        request.response().endHandler(end -> underWay.decrementAndGet());
        Bodies.read(
                request,
                settings.limits().bodyBytes(),
                body -> {
                    try {
                        then.run(body, System.nanoTime());
                    } catch (PerennialException e) {
                        replies.error(request, e);
                    }
                },
                e -> replies.error(request, e));
    }

    private void withEndpoint(String name, WithEndpoint then) {
        try (Serving serving = router.lease()) {
            then.run(serving, endpoint(serving, name));
        }
    }

    private Endpoint endpoint(Serving serving, String name) {
        Endpoint endpoint = serving.endpoint(name);
        if (endpoint == null) {
            if (!router.configured()) {
                throw new PerennialException(
                        ErrorCode.UNAVAILABLE,
                        "the scorer has just started and does not know its endpoints yet; ask again");
            }
            if (serving.unready().contains(name)) {
                throw new PerennialException(
                        ErrorCode.UNAVAILABLE, "endpoint '" + name + "' has no loaded champion yet");
            }
            throw PerennialException.notFound("there is no endpoint '" + name + "'; there are " + serving.names());
        }
        return endpoint;
    }

    private static String decoded(HttpServerRequest request) {
        String path = request.path();
        if (path == null) {
            throw PerennialException.invalid("path", "the request has no path");
        }
        try {
            return path.indexOf('%') < 0 ? path : URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw PerennialException.invalid("path", "the path is not percent-encoded correctly");
        }
    }

    private static void post(HttpServerRequest request) {
        only(request, HttpMethod.POST);
    }

    private static void onlyGet(HttpServerRequest request) {
        only(request, HttpMethod.GET);
    }

    private static void only(HttpServerRequest request, HttpMethod method) {
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
