package dev.perennial.scorer.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.scorer.FallbackScorer;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands in for a champion of tensors that fails says so on every protocol. */
class FallbackProtocolsIT {
    private static final String HEADER = "X-Perennial-Fallback";
    private static final String BINARY = "Inference-Header-Content-Length";

    @TempDir
    static Path folder;

    private static FallbackScorer scorer;

    @BeforeAll
    static void start() throws Exception {
        scorer = new FallbackScorer(folder);
    }

    @AfterAll
    static void stop() {
        if (scorer != null) {
            scorer.close();
        }
    }

    private static String input(String values, int rows) {
        return "{\"inputs\":[{\"name\":\"in\",\"datatype\":\"FP32\",\"shape\":[%d],\"data\":[%s]}]}"
                .formatted(rows, values);
    }

    private static HttpResponse<byte[]> json(String path, String body) throws IOException, InterruptedException {
        return scorer.post(path, body.getBytes(StandardCharsets.UTF_8), "Content-Type", "application/json");
    }

    private static JsonNode infer(String endpoint, String values, int rows, String mark)
            throws IOException, InterruptedException {
        HttpResponse<byte[]> response = json("/v2/models/" + endpoint + "/infer", input(values, rows));
        String body = new String(response.body(), StandardCharsets.UTF_8);
        assertThat(response.statusCode()).as(body).isEqualTo(200);
        assertThat(response.headers().firstValue(HEADER).orElse("")).isEqualTo(mark);
        return Json.parse(body);
    }

    @Test
    void jsonSaysSoInHeaderAndParameters() throws Exception {
        JsonNode answer = infer("constant", "1,2", 2, "constant");
        assertThat(answer.path("outputs").get(0).path("data")).hasToString("[0.5,0.5]");
        assertThat(answer.path("outputs").get(0).path("shape")).hasToString("[2]");
        assertThat(answer.path("parameters").path("fallback").asText()).isEqualTo("constant");
    }

    @Test
    void anotherVersionIsNamed() throws Exception {
        JsonNode answer = infer("version", "1,2", 2, "version/2");
        assertThat(answer.path("outputs").get(0).path("data")).hasToString("[1.0,2.0]");
        assertThat(answer.path("parameters").path("fallback").asText()).isEqualTo("version/2");
        assertThat(answer.path("model_version").asText()).isEqualTo("2");
    }

    @Test
    void anAnswerOfTheChampionIsNotMarked() throws Exception {
        JsonNode answer = infer("constant", "1,2,3", 3, "");
        assertThat(answer.path("outputs").get(0).path("data")).hasToString("[4.0,5.0,6.0]");
        assertThat(answer.path("parameters").has("fallback")).isFalse();
    }

    @Test
    void withoutAFallbackTheCallFails() throws Exception {
        HttpResponse<byte[]> response = json("/v2/models/alone/infer", input("1", 1));
        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(new String(response.body(), StandardCharsets.UTF_8))
                .contains("the model alone/1 failed: ONNX Runtime");
    }

    @Test
    void binaryTensorsAreMarkedTheSame() throws Exception {
        String head = "{\"inputs\":[{\"name\":\"in\",\"datatype\":\"FP32\",\"shape\":[2],\"parameters\":"
                + "{\"binary_data_size\":8}}],\"parameters\":{\"binary_data_output\":true}}";
        byte[] body = Arrays.copyOf(head.getBytes(StandardCharsets.UTF_8), head.length() + 8);
        System.arraycopy(InferRequestTest.floats(1, 2), 0, body, head.length(), 8);
        HttpResponse<byte[]> response = scorer.post(
                "/v2/models/constant/infer",
                body,
                "Content-Type",
                "application/octet-stream",
                BINARY,
                Integer.toString(head.length()));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue(HEADER)).contains("constant");
        int told = Integer.parseInt(response.headers().firstValue(BINARY).orElseThrow());
        assertThat(Arrays.copyOfRange(response.body(), told, response.body().length))
                .isEqualTo(InferRequestTest.floats(0.5f, 0.5f));
        assertThat(Json.parse(new String(response.body(), 0, told, StandardCharsets.UTF_8))
                        .path("parameters")
                        .path("fallback")
                        .asText())
                .isEqualTo("constant");
    }

    @Test
    void grpcCarriesItInItsParameters() {
        try (GrpcCaller caller = new GrpcCaller(scorer.port())) {
            Proto request = Proto.message().text(1, "constant");
            request.message(5, InferRequestTest.input("in", "FP32", new long[] {2}, null));
            request.bytes(7, InferRequestTest.floats(1, 2));
            GrpcCaller.Reply reply = caller.infer(request);
            assertThat(reply.status()).as(reply.message()).isZero();
            String body = new String(reply.body(), StandardCharsets.ISO_8859_1);
            assertThat(body).contains("fallback").contains("constant");
            assertThat(body).contains(new String(InferRequestTest.floats(0.5f, 0.5f), StandardCharsets.ISO_8859_1));
        }
    }

    @Test
    void mlflowsProtocolCarriesItInTheHeader() throws Exception {
        HttpResponse<byte[]> response = json("/serving/constant/invocations", "{\"inputs\":{\"in\":[1,2]}}");
        String body = new String(response.body(), StandardCharsets.UTF_8);
        assertThat(response.statusCode()).as(body).isEqualTo(200);
        assertThat(response.headers().firstValue(HEADER)).contains("constant");
        assertThat(Json.parse(body).path("predictions")).hasToString("[0.5,0.5]");
    }

    @Test
    void itIsCounted() throws Exception {
        infer("constant", "1", 1, "constant");
        assertThat(scorer.metrics())
                .containsPattern(
                        "predictions_total\\{endpoint=\"constant\",version=\"constant\",role=\"fallback\"\\} [1-9]");
    }
}
