package dev.perennial.scorer.http;

import dev.perennial.kernel.Json;
import dev.perennial.scorer.serving.Call;
import dev.perennial.scorer.serving.Inference;
import dev.perennial.scorer.serving.Outcome;
import dev.perennial.scorer.serving.Payload;
import dev.perennial.scoring.RunLimit;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** {@code /v2/models/NAME}, {@code …/ready} and {@code …/infer}: the REST form of the Open Inference Protocol. */
final class OpenInferenceRoutes implements Protocol {
    private static final String MODELS = "/v2/models/";

    private final Inference inference;
    private final Exchanges exchanges;
    private final OpenInference openInference;

    OpenInferenceRoutes(Inference inference, Exchanges exchanges, OpenInference openInference) {
        this.inference = inference;
        this.exchanges = exchanges;
        this.openInference = openInference;
    }

    @Override
    public boolean handle(HttpServerRequest request, String path, String[] parts) {
        if (!path.startsWith(MODELS)) {
            return false;
        }
        if (parts.length == 5 && parts[4].equals("infer")) {
            Exchanges.only(request, HttpMethod.POST);
            exchanges.readBody(request, (body, since) -> infer(request, parts[3], body, since));
            return true;
        }
        if (parts.length == 5 && parts[4].equals("ready")) {
            Exchanges.only(request, HttpMethod.GET);
            inference.look(
                    parts[3],
                    endpoint -> exchanges
                            .replies()
                            .json(
                                    request,
                                    Json.object()
                                            .put("name", endpoint.name())
                                            .put("ready", true)
                                            .toString()));
            return true;
        }
        if (parts.length == 4) {
            Exchanges.only(request, HttpMethod.GET);
            inference.look(
                    parts[3],
                    endpoint -> exchanges
                            .replies()
                            .json(request, OpenInference.metadata(endpoint).toString()));
            return true;
        }
        return false;
    }

    private void infer(HttpServerRequest request, String name, byte[] body, long since) {
        AtomicReference<OpenInference.@Nullable Request> parsed = new AtomicReference<>();
        Call.Reading reading = endpoint -> {
            OpenInference.Request read = openInference.read(endpoint, body);
            parsed.set(read);
            return new Payload.Rows(read.rows());
        };
        inference.infer(new Call(name, null, body.length, since, RunLimit.NONE, reading), outcome -> switch (outcome) {
            case Outcome.Scored scored -> {
                String text =
                        OpenInference.write(scored.endpoint(), Objects.requireNonNull(parsed.get()), scored.answers());
                yield () -> exchanges.send(request, scored.logged(), text);
            }
            case Outcome.Computed _ -> throw new IllegalStateException("rows were asked for");
            case Outcome.Failed failed -> () -> exchanges.replies().error(request, failed.why());
        });
    }
}
