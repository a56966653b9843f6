package dev.perennial.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A scorer with a collector of spans behind it. */
class TracesIT {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00f067aa0ba902b7";

    @TempDir
    Path folder;

    private final List<JsonNode> spans = new ArrayList<>();
    private final List<String> paths = new ArrayList<>();
    private HttpServer collector;
    private ControlServer server;
    private Models models;
    private ScorerProcess scorer;
    private Caller caller;

    @BeforeEach
    void start() throws IOException {
        collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
        collector.createContext("/", exchange -> {
            try (exchange) {
                JsonNode body = Json.parse(exchange.getRequestBody().readAllBytes());
                synchronized (spans) {
                    paths.add(exchange.getRequestURI().getPath());
                    body.at("/resourceSpans/0/scopeSpans/0/spans").forEach(spans::add);
                }
                exchange.sendResponseHeaders(200, -1);
            }
        });
        collector.start();
        server = new ControlServer();
        models = new Models(folder.resolve("blobs"));
    }

    @AfterEach
    void stop() {
        caller.close();
        scorer.close();
        server.close();
        collector.stop(0);
    }

    private void scorer(String... flags) throws Exception {
        scorer = server.scorer(folder, flags);
        caller = new Caller(scorer.url());
        server.apply(
                1,
                Models.config(1, 0, "null", Models.variant("m/1", "champion", 10_000, models.model(0.25, "x", "c"))));
    }

    private String collectorUrl() {
        return "http://127.0.0.1:" + collector.getAddress().getPort();
    }

    private HttpResponse<String> predict(String body, String... headers) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(scorer.url() + "/endpoints/m/predict"))
                    .POST(HttpRequest.BodyPublishers.ofString(body));
            if (headers.length > 0) {
                request.headers(headers);
            }
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    private List<JsonNode> spans(int count) throws InterruptedException {
        server.await(count + " spans", () -> {
            synchronized (spans) {
                return spans.size() >= count;
            }
        });
        synchronized (spans) {
            return List.copyOf(spans);
        }
    }

    @Test
    void aSampledRequestBecomesSpansUnderTheCallersOwn() throws Exception {
        scorer("--otlp-endpoint", collectorUrl());
        HttpResponse<String> answer = predict(
                Caller.records("a"), "traceparent", "00-" + TRACE + "-" + PARENT + "-01", "tracestate", "vendor=1");
        List<JsonNode> told = spans(4);
        JsonNode request = told.getFirst();
        assertThat(request.get("traceId").asText()).isEqualTo(TRACE);
        assertThat(request.get("parentSpanId").asText()).isEqualTo(PARENT);
        assertThat(request.get("traceState").asText()).isEqualTo("vendor=1");
        assertThat(request.get("name").asText()).isEqualTo("predict m");
        assertThat(request.get("kind").asInt()).isEqualTo(2);
        assertThat(request.at("/attributes/1/value/stringValue").asText()).isEqualTo("m/1");
        assertThat(answer.headers().firstValue("traceresponse"))
                .contains("00-" + TRACE + "-" + request.get("spanId").asText() + "-01");
        assertThat(told.subList(1, 4))
                .extracting(span -> span.get("name").asText())
                .containsExactly("queue", "read", "model");
        assertThat(told.subList(1, 4)).allSatisfy(span -> {
            assertThat(span.get("parentSpanId")).isEqualTo(request.get("spanId"));
            assertThat(span.get("startTimeUnixNano").asLong())
                    .isBetween(
                            request.get("startTimeUnixNano").asLong(),
                            request.get("endTimeUnixNano").asLong());
        });
        assertThat(paths).containsOnly("/v1/traces");
    }

    @Test
    void aFailureIsToldInItsSpan() throws Exception {
        scorer("--otlp-endpoint", collectorUrl());
        predict("{\"records\":[{}]}", "traceparent", "00-" + TRACE + "-" + PARENT + "-01");
        JsonNode request = spans(1).getFirst();
        assertThat(request.at("/status/code").asInt()).isEqualTo(2);
        assertThat(request.at("/status/message").asText()).contains("records[0]");
    }

    @Test
    void aCallerWhoDoesNotSampleGetsItsTraceBackAndNoSpansAreMade() throws Exception {
        scorer("--otlp-endpoint", collectorUrl(), "--trace-share", "1");
        HttpResponse<String> answer = predict(Caller.records("a"), "traceparent", "00-" + TRACE + "-" + PARENT + "-00");
        assertThat(answer.headers().firstValue("traceresponse").orElseThrow())
                .startsWith("00-" + TRACE)
                .endsWith("-00");
        predict(Caller.records("b"));
        assertThat(spans(4))
                .allSatisfy(span -> assertThat(span.get("traceId").asText()).isNotEqualTo(TRACE));
    }

    @Test
    void withoutACollectorAndATraceNothingIsTold() throws Exception {
        scorer();
        assertThat(predict(Caller.records("a")).headers().firstValue("traceresponse"))
                .isEmpty();
        assertThat(predict(Caller.records("a"), "traceparent", "00-" + TRACE + "-" + PARENT + "-01")
                        .headers()
                        .firstValue("traceresponse"))
                .isPresent();
    }

    @Test
    void aCollectorThatIsAwayCostsSpansAndNoAnswer() throws Exception {
        int port = collector.getAddress().getPort();
        collector.stop(0);
        scorer("--otlp-endpoint", "http://127.0.0.1:" + port, "--trace-share", "1");
        assertThat(predict(Caller.records("a")).statusCode()).isEqualTo(200);
        server.await("dropped spans", () -> {
            try {
                return caller.get("/metrics").text().contains("perennial_scorer_spans_dropped_total{} 4\n");
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
