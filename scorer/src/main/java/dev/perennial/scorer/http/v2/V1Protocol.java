package dev.perennial.scorer.http.v2;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.http.Chosen;
import dev.perennial.scorer.http.Coding;
import dev.perennial.scorer.http.Exchanges;
import dev.perennial.scorer.http.Payloads;
import dev.perennial.scorer.http.Protocol;
import dev.perennial.scorer.serving.Call;
import dev.perennial.scorer.serving.Inference;
import dev.perennial.scorer.serving.Outcome;
import dev.perennial.scoring.RunLimit;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeSet;

/**
 * KServe's protocol V1: {@code /v1/models}, {@code /v1/models/M} and {@code POST /v1/models/M:predict}, whose colon may also come as
 * {@code %3A}. Thread-safe.
 */
public final class V1Protocol implements Protocol {
    private static final String JSON = "application/json";
    private static final int MODEL = 3;

    private final Inference inference;
    private final Exchanges exchanges;
    private final Payloads payloads;

    public V1Protocol(Inference inference, Exchanges exchanges, Payloads payloads) {
        this.inference = inference;
        this.exchanges = exchanges;
        this.payloads = payloads;
    }

    @Override
    public boolean handle(HttpServerRequest request, String path, String[] parts) {
        if (path.equals("/")) { // KServe's client asks it whether the server lives
            Exchanges.only(request, HttpMethod.GET);
            exchanges.replies().json(request, "{\"status\":\"alive\"}");
            return true;
        }
        if (!path.startsWith("/v1/models") || parts.length > MODEL + 1) {
            return false;
        }
        if (parts.length == MODEL && parts[MODEL - 1].equals("models")) {
            Exchanges.only(request, HttpMethod.GET);
            ObjectNode body = Json.object();
            var models = body.putArray("models");
            new TreeSet<>(inference.names(exchanges.caller(request))).forEach(models::add);
            exchanges.replies().json(request, body.toString());
            return true;
        }
        return parts.length == MODEL + 1 && model(request, parts[MODEL]);
    }

    private boolean model(HttpServerRequest request, String segment) {
        int colon = segment.lastIndexOf(':');
        String name = colon < 0 ? segment : segment.substring(0, colon);
        switch (colon < 0 ? "" : segment.substring(colon + 1)) {
            case "" -> {
                Exchanges.only(request, HttpMethod.GET);
                inference.look(exchanges.caller(request), name, endpoint -> {
                    ObjectNode body = Json.object().put("name", name).put("ready", true);
                    exchanges.replies().json(request, body.toString());
                });
            }
            case "predict" -> {
                Exchanges.only(request, HttpMethod.POST);
                exchanges.readBody(request, (body, since) -> predict(request, name, body, since));
            }
            case "explain" -> {
                Exchanges.only(request, HttpMethod.POST);
                throw new PerennialException(
                        ErrorCode.NOT_IMPLEMENTED, "explanations are not given; use ':predict'", "path", null);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private void predict(HttpServerRequest request, String name, byte[] body, long since) {
        Coding coding = Coding.wanted(request.getHeader("Accept-Encoding"));
        Call.Reading reading = Chosen.keyed(request, endpoint -> V1Bodies.read(payloads, endpoint, body));
        inference.infer(
                new Call(
                        exchanges.caller(request),
                        name,
                        Chosen.version(request),
                        body.length,
                        since,
                        RunLimit.NONE,
                        reading),
                outcome -> switch (outcome) {
                    case Outcome.Scored scored ->
                        send(request, coding, V1Bodies.scores(scored.answers()), scored.logged(), scored.fallback());
                    case Outcome.Computed computed -> {
                        List<String> all = Payloads.wanted(computed.endpoint(), List.of());
                        yield send(
                                request,
                                coding,
                                V1Bodies.predictions(Payloads.outputs(computed, all)),
                                true,
                                computed.fallback());
                    }
                    case Outcome.Failed failed -> () -> exchanges.replies().error(request, failed.why());
                });
    }

    private Runnable send(HttpServerRequest request, Coding coding, String text, boolean logged, String fallback) {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        boolean compressed = coding.worth(body.length);
        byte[] sent = compressed ? coding.deflated(body) : body;
        return () -> {
            if (compressed) {
                request.response().putHeader("Content-Encoding", coding.word());
            }
            Exchanges.fallback(request, fallback);
            exchanges.send(request, logged, JSON, sent);
        };
    }
}
