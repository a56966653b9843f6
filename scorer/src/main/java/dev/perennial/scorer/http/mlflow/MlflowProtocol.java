package dev.perennial.scorer.http.mlflow;

import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.access.Caller;
import dev.perennial.scorer.http.Chosen;
import dev.perennial.scorer.http.Exchanges;
import dev.perennial.scorer.http.Payloads;
import dev.perennial.scorer.http.Protocol;
import dev.perennial.scorer.serving.Answer;
import dev.perennial.scorer.serving.Call;
import dev.perennial.scorer.serving.Inference;
import dev.perennial.scorer.serving.Outcome;
import dev.perennial.scoring.RunLimit;
import dev.perennial.scoring.schema.TensorBody;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.function.Supplier;

/**
 * MLflow's scoring protocol: {@code invocations}, {@code ping}, {@code health} and {@code version} below {@code /serving/ENDPOINT/}, and
 * at the root for the default endpoint. Thread-safe.
 */
public final class MlflowProtocol implements Protocol {
    /** The release of MLflow whose protocol is spoken. */
    static final String VERSION = "3.11.1";

    private static final String JSON = "application/json";
    private static final String PREDICTION_ID = "X-Perennial-Prediction-Id";
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final byte[] LINE = {'\n'};
    private static final int PREFIXED = 4;

    private final Inference inference;
    private final Exchanges exchanges;
    private final Invocations invocations;
    private final Supplier<String> defaultEndpoint;

    /** @param defaultEndpoint answers the routes at the root; empty: nobody does */
    public MlflowProtocol(
            Inference inference, Exchanges exchanges, Invocations invocations, Supplier<String> defaultEndpoint) {
        this.inference = inference;
        this.exchanges = exchanges;
        this.invocations = invocations;
        this.defaultEndpoint = defaultEndpoint;
    }

    @Override
    public boolean handle(HttpServerRequest request, String path, String[] parts) {
        boolean prefixed = parts.length == PREFIXED && parts[1].equals("serving");
        if (!prefixed && parts.length != 2) {
            return false;
        }
        String endpoint = prefixed ? parts[2] : defaultEndpoint.get();
        switch (parts[parts.length - 1]) {
            case "invocations" -> {
                Exchanges.only(request, HttpMethod.POST);
                if (endpoint.isEmpty()) {
                    throw PerennialException.notFound("no endpoint answers /invocations; call"
                            + " /serving/ENDPOINT/invocations, or name a default one ('perennial endpoints default')");
                }
                BodyType type = BodyType.of(request.getHeader(HttpHeaders.CONTENT_TYPE));
                exchanges.readBody(request, (body, since) -> infer(request, endpoint, type, body, since));
            }
            case "ping", "health" -> {
                Exchanges.only(request, HttpMethod.GET);
                exchanges
                        .replies()
                        .send(
                                request,
                                loaded(prefixed ? exchanges.caller(request) : Caller.INSTALLATION, endpoint)
                                        ? OK
                                        : NOT_FOUND,
                                JSON,
                                LINE);
            }
            case "version" -> {
                Exchanges.only(request, HttpMethod.GET);
                exchanges.replies().send(request, OK, VERSION);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean loaded(Caller caller, String endpoint) {
        try {
            inference.look(caller, endpoint, found -> {});
            return true;
        } catch (PerennialException e) {
            return false;
        }
    }

    private void infer(HttpServerRequest request, String name, BodyType type, byte[] body, long since) {
        Call.Reading reading = Chosen.keyed(request, endpoint -> invocations.read(endpoint, type, body));
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
                    case Outcome.Scored scored -> {
                        String text = scores(scored.answers());
                        yield () -> {
                            if (scored.answers().size() == 1) {
                                request.response()
                                        .putHeader(
                                                PREDICTION_ID,
                                                header(scored.answers()
                                                        .getFirst()
                                                        .id()));
                            }
                            Exchanges.fallback(request, scored.fallback());
                            exchanges.send(request, scored.logged(), text);
                        };
                    }
                    case Outcome.Computed computed -> {
                        List<String> all = Payloads.wanted(computed.endpoint(), List.of());
                        String text = TensorBody.write(Payloads.outputs(computed, all));
                        yield () -> {
                            Exchanges.fallback(request, computed.fallback());
                            exchanges.send(request, true, text);
                        };
                    }
                    case Outcome.Failed failed -> () -> exchanges.replies().error(request, failed.why());
                });
    }

    private static String scores(List<Answer> answers) {
        StringBuilder out = new StringBuilder(32 + answers.size() * 20).append("{\"predictions\": [");
        for (int i = 0; i < answers.size(); i++) {
            double score = answers.get(i).score();
            out.append(i == 0 ? "" : ", ");
            if (Double.isFinite(score)) {
                out.append(score);
            } else {
                out.append("null");
            }
        }
        return out.append("]}").toString();
    }

    /** Header values are ASCII; other characters are percent-encoded, and so is the percent sign. */
    static String header(String id) {
        boolean plain = id.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '%');
        return plain
                ? id
                : java.net.URLEncoder.encode(id, java.nio.charset.StandardCharsets.UTF_8)
                        .replace("+", "%20");
    }
}
