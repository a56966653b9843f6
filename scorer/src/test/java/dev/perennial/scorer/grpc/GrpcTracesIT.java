package dev.perennial.scorer.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import dev.perennial.kernel.Json;
import dev.perennial.scorer.GrpcScorer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls of gRPC in the traces of their callers. */
class GrpcTracesIT {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00-" + TRACE + "-00f067aa0ba902b7-01";

    @TempDir
    Path folder;

    private final LinkedBlockingQueue<JsonNode> requests = new LinkedBlockingQueue<>();

    private HttpServer collector() throws Exception {
        HttpServer collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
        collector.createContext("/v1/traces", exchange -> {
            try (exchange) {
                requests.add(Json.parse(exchange.getRequestBody().readAllBytes()));
                exchange.sendResponseHeaders(200, -1);
            }
        });
        collector.start();
        return collector;
    }

    @Test
    void aCallIsAnsweredWithItsTraceAndBecomesSpans() throws Exception {
        HttpServer collector = collector();
        String url = "http://127.0.0.1:" + collector.getAddress().getPort();
        try (GrpcScorer scorer = new GrpcScorer(folder, "--otlp-endpoint", url);
                GrpcCaller caller = new GrpcCaller(scorer.port())) {
            GrpcCaller.Reply reply = caller.infer(GrpcIT.row(), "traceparent", PARENT);
            assertThat(reply.status()).as(reply.message()).isZero();
            JsonNode sent = requests.poll(60, TimeUnit.SECONDS);
            assertThat(sent).isNotNull();
            assertThat(sent.at("/resourceSpans/0/resource/attributes/0/value/stringValue")
                            .asText())
                    .isEqualTo("perennial-scorer");
            JsonNode span = sent.at("/resourceSpans/0/scopeSpans/0/spans/0");
            assertThat(span.get("traceId").asText()).isEqualTo(TRACE);
            assertThat(reply.headers())
                    .containsEntry(
                            "traceresponse",
                            "00-" + TRACE + "-" + span.get("spanId").asText() + "-01");
        } finally {
            collector.stop(0);
        }
    }

    @Test
    void aCallThatIsRefusedIsAnsweredWithItsTraceToo() throws Exception {
        try (GrpcScorer scorer = new GrpcScorer(folder);
                GrpcCaller caller = new GrpcCaller(scorer.port())) {
            GrpcCaller.Reply reply = caller.infer(Proto.message().text(1, "unknown"), "traceparent", PARENT);
            assertThat(reply.status()).isEqualTo(5);
            assertThat(reply.headers().get("traceresponse")).startsWith("00-" + TRACE);
        }
    }
}
