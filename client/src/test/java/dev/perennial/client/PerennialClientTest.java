package dev.perennial.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PerennialClientTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private record Answer(int status, String body) {}

    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<String> bodies = new CopyOnWriteArrayList<>();
    private final List<String> keys = new CopyOnWriteArrayList<>();
    private final Deque<Answer> answers = new ArrayDeque<>();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
        bodies.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        keys.add(String.valueOf(exchange.getRequestHeaders().getFirst("Idempotency-Key")));
        Answer next = answers.isEmpty() ? new Answer(200, "{}") : answers.poll();
        if (next.status() == 0) {
            exchange.close();
            return;
        }
        byte[] bytes = next.body().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(next.status(), bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private PerennialClient client() {
        return PerennialClient.of(
                URI.create("http://127.0.0.1:" + server.getAddress().getPort()), "tester", PATIENCE);
    }

    private void answers(Answer... next) {
        answers.addAll(List.of(next));
    }

    @Test
    void idsAreEncodedIntoPaths() {
        client().model("flight-delay@spring");
        client().modelPart("a/../b", "drift", Map.of("windowDays", 14));
        assertThat(requests)
                .containsExactly(
                        "GET /api/models/flight-delay%40spring", "GET /api/models/a%2F..%2Fb/drift?windowDays=14");
    }

    @Test
    void errorsCarryCodeMessageAndField() {
        answers(new Answer(
                404, "{\"error\":{\"code\":\"NOT_FOUND\",\"message\":\"no model 'x'\",\"field\":\"model\"}}"));
        ClientException error = catchThrowableOfType(ClientException.class, () -> client().model("x"));
        assertThat(error.status()).isEqualTo(404);
        assertThat(error.code()).isEqualTo("NOT_FOUND");
        assertThat(error.field()).isEqualTo("model");
        assertThat(error).hasMessage("no model 'x'");
        assertThat(error.retryable()).isFalse();
    }

    @Test
    void anAnswerThatIsNoJsonIsNamed() {
        answers(new Answer(200, "<html>hello</html>"), new Answer(500, "<html>broken</html>"));
        assertThatThrownBy(() -> client().status())
                .hasMessageContaining("answered no JSON")
                .hasMessageContaining("hello");
        assertThatThrownBy(() -> client().status())
                .hasMessageContaining("status 500")
                .hasMessageContaining("broken");
    }

    @Test
    void aRestartingServerIsWaitedFor() {
        answers(new Answer(503, ""), new Answer(503, ""), new Answer(200, "{\"ready\":true}"));
        assertThat(client().status().path("ready").asBoolean()).isTrue();
        assertThat(requests).hasSize(3);
    }

    @Test
    void aBrokenConnectionRepeatsOnlyWhatMayRunTwice() {
        answers(new Answer(0, ""), new Answer(200, "{\"ready\":true}"));
        assertThat(client().status().path("ready").asBoolean()).isTrue();
        requests.clear();
        answers(new Answer(0, ""));
        ClientException error =
                catchThrowableOfType(ClientException.class, () -> client().act("m", "rollback", "because"));
        assertThat(error).hasMessageContaining("may or may not have taken effect");
        assertThat(requests).containsExactly("POST /api/models/m/rollback");
    }

    @Test
    void everyAttemptOfOneChangeHasTheSameKey() {
        answers(new Answer(503, ""), new Answer(200, "{}"));
        client().act("m", "pause", "look");
        assertThat(keys).hasSize(2);
        assertThat(keys.get(0)).hasSize(36).isEqualTo(keys.get(1));
        assertThat(bodies).allSatisfy(body -> assertThat(body).isEqualTo("{\"reason\":\"look\"}"));
    }

    @Test
    void anAbsentServerIsToldWithWhatToDo() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }
        PerennialClient client = PerennialClient.of(URI.create("http://127.0.0.1:" + free), "tester", Duration.ZERO);
        ClientException error = catchThrowableOfType(ClientException.class, client::status);
        assertThat(error.status()).isZero();
        assertThat(error.code()).isEqualTo(ClientException.UNAVAILABLE);
        assertThat(error).hasMessageContaining("no server answers").hasMessageContaining("perennial server");
        assertThat(error.retryable()).isTrue();
    }

    @Test
    void listsAreReadPageByPageUpToTheLimit() {
        answers(
                new Answer(200, "{\"items\":[{\"n\":1},{\"n\":2}],\"next\":\"t1\"}"),
                new Answer(200, "{\"items\":[{\"n\":3},{\"n\":4}],\"next\":\"t2\"}"));
        assertThat(client().modelItems("m", "decisions", 3))
                .extracting(item -> item.path("n").asInt())
                .containsExactly(1, 2, 3);
        assertThat(requests)
                .containsExactly("GET /api/models/m/decisions", "GET /api/models/m/decisions?page_token=t1");
    }

    @Test
    void advancingWaitsUntilEverythingIsDone() {
        answers(
                new Answer(202, "{\"waitingFor\":\"training\"}"),
                new Answer(202, "{\"waitingFor\":\"gates\"}"),
                new Answer(200, "{\"clock\":5,\"decisions\":[]}"));
        List<String> waited = new CopyOnWriteArrayList<>();
        JsonNode answer = client().advance(
                        "spring",
                        5,
                        5,
                        waiting -> waited.add(waiting.path("waitingFor").asText()));
        assertThat(answer.path("clock").asLong()).isEqualTo(5);
        assertThat(waited).containsExactly("training", "gates");
    }

    @Test
    void predictionsGoToTheEndpointsOwnAddress() {
        ObjectMapper mapper = new ObjectMapper();
        String base = "http://127.0.0.1:" + server.getAddress().getPort();
        var records = mapper.createArrayNode().add(mapper.createObjectNode().put("carrier", "AA"));
        client().predict(mapper.createObjectNode().put("name", "flight-delay").put("url", base), records);
        client().predict(
                        mapper.createObjectNode().put("name", "m@s").put("url", base + "/endpoints/m@s/predict"),
                        records);
        assertThat(requests).containsExactly("POST /endpoints/flight-delay/predict", "POST /endpoints/m@s/predict");
        assertThat(bodies.get(0)).isEqualTo("{\"records\":[{\"carrier\":\"AA\"}]}");
    }

    @Test
    void anExportAppearsWholeOrNotAtAll(@TempDir Path folder) throws IOException {
        answers(new Answer(200, "archive"), new Answer(500, "{\"error\":{\"code\":\"INTERNAL\",\"message\":\"no\"}}"));
        client().exportLedger(folder.resolve("ledger.zip"));
        assertThat(folder.resolve("ledger.zip")).hasContent("archive");
        assertThatThrownBy(() -> client().exportLedger(folder.resolve("other.zip")))
                .hasMessage("no");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(folder.resolve("ledger.zip"));
        }
    }
}
