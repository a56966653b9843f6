package dev.perennial.scorer.http.v2;

import dev.perennial.kernel.PerennialException;
import dev.perennial.scorer.http.Chosen;
import dev.perennial.scorer.http.Coding;
import dev.perennial.scorer.http.Exchanges;
import dev.perennial.scorer.http.Payloads;
import dev.perennial.scorer.http.Problems;
import dev.perennial.scorer.serving.Call;
import dev.perennial.scorer.serving.Endpoint;
import dev.perennial.scorer.serving.Inference;
import dev.perennial.scorer.serving.Outcome;
import dev.perennial.scorer.serving.Payload;
import dev.perennial.scoring.RunLimit;
import dev.perennial.tensors.Tensor;
import dev.perennial.tensors.TensorSpec;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** {@code POST /v2/models/M[/versions/V]/infer}. Thread-safe. */
final class InferRoute {
    /** Header with the length of the JSON part of a body that goes on in binary form. */
    static final String LENGTH = "Inference-Header-Content-Length";

    private static final CharSequence LENGTH_HEADER = HttpHeaders.createOptimized(LENGTH);
    private static final String BINARY = "application/octet-stream";
    private static final String JSON = "application/json";

    private final Inference inference;
    private final Exchanges exchanges;
    private final Payloads payloads;

    InferRoute(Inference inference, Exchanges exchanges, Payloads payloads) {
        this.inference = inference;
        this.exchanges = exchanges;
        this.payloads = payloads;
    }

    void handle(HttpServerRequest request, String model, @Nullable String version) {
        exchanges.readBody(request, (body, since) -> {
            Job job = new Job(request, body, length(request, body.length), since);
            RunLimit limit = new RunLimit(Long.MAX_VALUE, job::over);
            inference.infer(
                    new Call(
                            exchanges.caller(request),
                            model,
                            Chosen.version(request, version),
                            body.length,
                            since,
                            limit,
                            Chosen.keyed(request, job::read)),
                    job::answered);
        });
    }

    /** Length of the JSON part, -1 when there is none at all. */
    private static int length(HttpServerRequest request, int body) {
        if (request.getHeader(LENGTH_HEADER) == null) {
            return body;
        }
        List<String> headers = request.headers().getAll(LENGTH_HEADER);
        String text = headers.getFirst().trim();
        boolean digits = headers.size() == 1 && !text.isEmpty() && text.length() < 11 && digits(text);
        long length = digits ? Long.parseLong(text) : -1;
        if (length < 0 || length > body) {
            throw Problems.one(
                    LENGTH,
                    "'" + String.join(", ", headers) + "' must be a whole number from 0 to the " + body
                            + " bytes of the body");
        }
        return length == 0 ? -1 : (int) length;
    }

    private static boolean digits(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    /** One request on its way. Read and answered on one thread, one after the other. */
    private final class Job {
        private final HttpServerRequest http;
        private final byte[] body;
        private final int json;
        private final long since;
        private final Coding coding;
        private volatile long timeoutNanos;
        private @Nullable InferRequest asked;
        private List<String> names = List.of();

        Job(HttpServerRequest http, byte[] body, int json, long since) {
            this.http = http;
            this.body = body;
            this.json = json;
            this.since = since;
            this.coding = Coding.wanted(http.getHeader(HttpHeaders.ACCEPT_ENCODING));
        }

        boolean over() {
            long timeout = timeoutNanos;
            return timeout > 0 && System.nanoTime() - since > timeout;
        }

        Payload read(Endpoint endpoint) {
            Payload.Rows usual = json >= 0 && endpoint.tabular()
                    ? payloads.usual(
                            endpoint,
                            body,
                            json,
                            (rows, cursor) -> UsualInfer.read(rows, cursor, body, json, this::named))
                    : null;
            return usual == null ? any(endpoint) : usual;
        }

        private void named(@Nullable String id, boolean binary) {
            asked = InferRequest.usual(id, binary);
            names = Payloads.SCORE_ALONE;
        }

        private Payload any(Endpoint endpoint) {
            InferRequest read = json < 0 ? RawRequest.read(endpoint, body) : RequestReader.read(body, json);
            timeoutNanos = TimeUnit.MICROSECONDS.toNanos(read.timeoutMicros());
            asked = read;
            names = Payloads.wanted(endpoint, read.names());
            for (InferRequest.Output output : read.outputs()) {
                checkClasses(endpoint, output);
            }
            return Chosen.keyed(read.key(), payloads.payload(endpoint, read.inputs(), read.missing(), read.id()));
        }

        Runnable answered(Outcome outcome) {
            return switch (outcome) {
                case Outcome.Scored scored -> {
                    String version = scored.answers().size() == 1
                            ? scored.answers().getFirst().version()
                            : scored.endpoint().championVersion();
                    yield send(
                            encoded(
                                    scored.endpoint(),
                                    version,
                                    Payloads.facts(scored),
                                    Payloads.outputs(scored, names)),
                            scored.logged(),
                            scored.fallback());
                }
                case Outcome.Computed computed ->
                    send(
                            encoded(
                                    computed.endpoint(),
                                    computed.version(),
                                    Payloads.facts(computed),
                                    Payloads.outputs(computed, names)),
                            true,
                            computed.fallback());
                case Outcome.Failed failed -> () -> exchanges.replies().error(http, failed.why());
            };
        }

        private InferAnswer encoded(
                Endpoint endpoint, String version, Map<String, String> facts, List<Tensor> tensors) {
            InferRequest request = Objects.requireNonNull(asked);
            List<InferAnswer.Output> outputs = new ArrayList<>(tensors.size());
            for (int i = 0; i < tensors.size(); i++) {
                InferRequest.@Nullable Output wish =
                        request.outputs().isEmpty() ? null : request.outputs().get(i);
                Tensor tensor = tensors.get(i);
                Boolean own = wish == null ? null : wish.binary();
                outputs.add(new InferAnswer.Output(
                        wish != null && wish.classes() > 0 ? Classification.of(tensor, wish.classes()) : tensor,
                        own == null ? request.binary() : own));
            }
            String id = request.id() == null ? "" : request.id();
            return InferAnswer.of(new InferAnswer.Frame(endpoint.name(), Endpoint.number(version), id, facts), outputs);
        }

        private Runnable send(InferAnswer answer, boolean logged, String fallback) {
            boolean compressed = coding.worth(answer.body().length);
            byte[] sent = compressed ? coding.deflated(answer.body()) : answer.body();
            return () -> {
                if (compressed) {
                    http.response().putHeader("Content-Encoding", coding.word());
                }
                if (answer.binary()) {
                    http.response().putHeader(LENGTH, Integer.toString(answer.json()));
                }
                Exchanges.fallback(http, fallback);
                exchanges.send(http, logged, answer.binary() ? BINARY : JSON, sent);
            };
        }
    }

    private static void checkClasses(Endpoint endpoint, InferRequest.Output output) {
        if (output.classes() == 0) {
            return;
        }
        TensorSpec spec = endpoint.model().output(output.name()).orElse(null);
        if (spec == null || spec.shape().size() != 2) {
            throw refused(output, spec);
        }
    }

    private static PerennialException refused(InferRequest.Output output, @Nullable TensorSpec spec) {
        return Classification.noClasses(output.name(), spec == null ? "a text" : spec.type() + " " + spec.shape());
    }
}
