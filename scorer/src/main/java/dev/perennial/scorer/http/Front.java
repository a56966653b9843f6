package dev.perennial.scorer.http;

import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.Metrics;
import dev.perennial.scorer.ScorerSettings;
import dev.perennial.scorer.http.mlflow.Invocations;
import dev.perennial.scorer.http.mlflow.MlflowProtocol;
import dev.perennial.scorer.http.v2.V1Protocol;
import dev.perennial.scorer.http.v2.V2Protocol;
import dev.perennial.scorer.serving.Inference;
import dev.perennial.scorer.telemetry.ProtobufFormat;
import dev.perennial.scorer.telemetry.TextFormat;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;

/**
 * The public routes: each request goes to the protocol whose path it has, and from there to the {@link Inference} and back.
 *
 * <p>Cost of a one-row request beside the transport: 5 us parsing, 2 us trees, 3 us log, 1 us answer.
 */
public final class Front implements Handler<HttpServerRequest> {
    private final Exchanges exchanges;
    private final List<Protocol> protocols;
    private final Health health;
    private final Metrics metrics;

    public Front(
            ScorerSettings.Limits limits,
            InstantSource clock,
            Payloads payloads,
            Inference inference,
            Health health,
            Metrics metrics,
            Supplier<String> defaultEndpoint) {
        this.exchanges = new Exchanges(limits.bodyBytes(), new Replies(metrics));
        this.health = health;
        this.metrics = metrics;
        this.protocols = List.of(
                new PlainProtocol(inference, exchanges, clock, limits.batchRows(), payloads::newId),
                new V2Protocol(inference, exchanges, payloads),
                new V1Protocol(inference, exchanges, payloads),
                new MlflowProtocol(
                        inference, exchanges, new Invocations(payloads, metrics, limits.batchRows()), defaultEndpoint),
                this::operations);
    }

    /** Requests that have no answer yet. */
    public int underWay() {
        return exchanges.underWay();
    }

    /** Tells those requests that are under way now from later ones; done once, when the scorer is about to end. */
    public void split() {
        exchanges.split();
    }

    /** Requests that were under way at the split and have no answer yet. */
    public int fromBefore() {
        return exchanges.fromBefore();
    }

    @Override
    public void handle(HttpServerRequest request) {
        try {
            Guard.check(request);
            route(request);
        } catch (PerennialException e) {
            exchanges.replies().error(request, e);
        }
    }

    private void route(HttpServerRequest request) {
        String path = decoded(request);
        String[] parts = path.split("/", -1);
        for (Protocol protocol : protocols) {
            if (protocol.handle(request, path, parts)) {
                return;
            }
        }
        throw PerennialException.notFound("there is no route " + path + "; see /v2 and /endpoints/NAME/predict");
    }

    private boolean operations(HttpServerRequest request, String path, String[] parts) {
        switch (path) {
            case "/healthz", "/v2/health/live", "/v2/health/ready", "/v2", "/v2/models" -> {
                Exchanges.only(request, HttpMethod.GET);
                Health.Answer answer = health.answer(path);
                exchanges.replies().send(request, answer.status(), answer.body());
            }
            case "/metrics" -> {
                Exchanges.only(request, HttpMethod.GET);
                metrics(request);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private void metrics(HttpServerRequest request) {
        boolean protobuf = ProtobufFormat.wanted(request.getHeader(HttpHeaders.ACCEPT));
        request.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, protobuf ? ProtobufFormat.CONTENT_TYPE : TextFormat.CONTENT_TYPE)
                .end(protobuf ? Buffer.buffer(metrics.protobuf()) : Buffer.buffer(metrics.text()));
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
}
