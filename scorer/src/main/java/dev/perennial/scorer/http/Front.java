package dev.perennial.scorer.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.Metrics;
import dev.perennial.scorer.ScorerSettings;
import dev.perennial.scorer.access.Caller;
import dev.perennial.scorer.access.Gate;
import dev.perennial.scorer.http.mlflow.Invocations;
import dev.perennial.scorer.http.mlflow.MlflowProtocol;
import dev.perennial.scorer.http.v2.V1Protocol;
import dev.perennial.scorer.http.v2.V2Protocol;
import dev.perennial.scorer.serving.Inference;
import dev.perennial.scorer.serving.Loading;
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
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * The public routes: each request goes to the protocol whose path it has, and from there to the {@link Inference} and back.
 *
 * <p>Cost of a one-row request beside the transport: 2 us reading, 2 us trees, 3 us log, 1 us answer.
 */
public final class Front implements Handler<HttpServerRequest> {
    private final Exchanges exchanges;
    private final List<Protocol> protocols;
    private final Inference inference;
    private final Health health;
    private final Metrics metrics;
    private final Gate gate;
    private final Guard guard;

    public Front(
            ScorerSettings.Limits limits,
            Gate gate,
            InstantSource clock,
            Payloads payloads,
            Inference inference,
            Loading loading,
            Health health,
            Metrics metrics,
            Supplier<String> defaultEndpoint) {
        this.exchanges = new Exchanges(limits.bodyBytes(), new Replies(metrics), gate);
        this.gate = gate;
        this.guard = new Guard(gate.beyondLoopback());
        this.inference = inference;
        this.health = health;
        this.metrics = metrics;
        this.protocols = List.of(
                new PlainProtocol(inference, exchanges, clock, limits.batchRows(), payloads::newId),
                new V2Protocol(inference, exchanges, payloads, loading),
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
            guard.check(request);
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
            case "/healthz", "/v2/health/live", "/v2/health/ready", "/v2" -> {
                Exchanges.only(request, HttpMethod.GET);
                Health.Answer answer = health.answer(path);
                exchanges.replies().send(request, answer.status(), answer.body());
            }
            case "/v2/models" -> {
                Exchanges.only(request, HttpMethod.GET);
                exchanges.replies().json(request, models(exchanges.caller(request)));
            }
            case "/metrics" -> {
                Exchanges.only(request, HttpMethod.GET);
                if (gate.beyondLoopback()) {
                    exchanges.caller(request);
                }
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

    private String models(Caller caller) {
        ObjectNode body = Json.object();
        var models = body.putArray("models");
        new TreeSet<>(inference.names(caller)).forEach(models::add);
        return body.toString();
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
