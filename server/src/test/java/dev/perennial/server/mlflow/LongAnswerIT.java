package dev.perennial.server.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Answers that are written as they go, and bodies that come in one piece or in many. */
class LongAnswerIT extends MlflowFixture {
    private static final int BATCH = 1000;
    private static final String ODD = "\"quoted\" \\ back\tslash\n\u0001 \u007f ü 漢 \uD83D\uDE00 end";

    private static void fill(String run, String key, int points) throws IOException, InterruptedException {
        for (int from = 0; from < points; from += BATCH) {
            StringBuilder body = new StringBuilder("{\"run_id\":\"" + run + "\",\"metrics\":[");
            for (int i = from; i < from + BATCH; i++) {
                body.append(i == from ? "" : ",")
                        .append("{\"key\":\"" + key + "\",\"value\":" + i / 8.0 + ",\"timestamp\":" + i + ",\"step\":"
                                + i + "}");
            }
            ok("POST", API + "runs/log-batch", body.append("]}").toString());
        }
    }

    @Test
    void aHistoryOfManyPiecesIsWhole() throws IOException, InterruptedException {
        String run = run();
        fill(run, "loss", 12 * BATCH);
        JsonNode metrics = ok("GET", API + "metrics/get-history?metric_key=loss&run_id=" + run, "")
                .path("metrics");
        assertThat(metrics).hasSize(12 * BATCH);
        for (int i = 0; i < 12 * BATCH; i++) {
            assertThat(metrics.get(i))
                    .isEqualTo(Json.parse(
                            "{\"key\":\"loss\",\"value\":" + i / 8.0 + ",\"timestamp\":" + i + ",\"step\":" + i + "}"));
        }
    }

    @Test
    void theSecondOfTwoPagesGoesOnWhereTheFirstEnded() throws IOException, InterruptedException {
        String run = run();
        fill(run, "loss", 2 * BATCH);
        String path = API + "metrics/get-history?metric_key=loss&max_results=1500&run_id=" + run;
        JsonNode first = ok("GET", path, "");
        assertThat(first.path("metrics")).hasSize(1500);
        JsonNode second =
                ok("GET", path + "&page_token=" + first.path("next_page_token").asText(), "");
        assertThat(second.path("metrics")).hasSize(500);
        assertThat(second.at("/metrics/0/step").asInt()).isEqualTo(1500);
        assertThat(second.has("next_page_token")).isFalse();
    }

    @Test
    void aChartOfSeveralRunsNamesTheRunOfEachPoint() throws IOException, InterruptedException {
        String a = run();
        String b = run();
        fill(a, "loss", BATCH);
        fill(b, "loss", BATCH);
        JsonNode metrics = ok(
                        "GET",
                        "/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?metric_key=loss&max_results=1000&run_ids="
                                + a + "&run_ids=" + b,
                        "")
                .path("metrics");
        assertThat(metrics).hasSize(2 * BATCH);
        Set<String> seen = new HashSet<>();
        metrics.forEach(metric ->
                seen.add(metric.path("run_id").asText() + metric.path("step").asInt()));
        assertThat(seen).hasSize(2 * BATCH).contains(a + "0", a + "999", b + "0", b + "999");
    }

    @Test
    void oddTextsComeBackAsTheyWereFromASearch() throws IOException, InterruptedException {
        String run = run();
        ObjectNode tag = Json.object().put("run_id", run).put("key", "note").put("value", ODD);
        ok("POST", API + "runs/set-tag", tag.toString());
        ok("POST", API + "runs/log-parameter", tag.put("key", "ünï").toString());
        JsonNode found = search("attributes.run_id = '" + run + "'").path("runs");
        assertThat(found).hasSize(1);
        assertThat(found.get(0).at("/data/params/0"))
                .isEqualTo(Json.object().put("key", "ünï").put("value", ODD));
        assertThat(found.get(0).at("/data/tags"))
                .contains(Json.object().put("key", "note").put("value", ODD));
    }

    @Test
    void aSearchShowsARunAsGetDoes() throws IOException, InterruptedException {
        String run = run();
        ok(
                "POST",
                API + "runs/log-batch",
                "{\"run_id\":\"" + run + "\",\"metrics\":[{\"key\":\"nan\",\"value\":\"NaN\",\"timestamp\":1},"
                        + "{\"key\":\"inf\",\"value\":\"-Infinity\",\"timestamp\":2,\"step\":-1},"
                        + "{\"key\":\"tiny\",\"value\":1e-300,\"timestamp\":3,\"step\":9223372036854775807}],"
                        + "\"params\":[{\"key\":\"p\",\"value\":\"\"}]}");
        ok(
                "POST",
                API + "runs/log-inputs",
                "{\"run_id\":\"" + run + "\",\"datasets\":[{\"dataset\":{\"name\":\"d\",\"digest\":\"1\","
                        + "\"source_type\":\"local\",\"source\":\"s\"}}]}");
        JsonNode got = ok("GET", API + "runs/get?run_id=" + run, "").path("run");
        assertThat(search("attributes.run_id = '" + run + "'").path("runs")).containsExactly(got);
    }

    @Test
    void aSearchThatFindsNothingIsAnEmptyObject() throws IOException, InterruptedException {
        assertThat(search("tags.nobody = 'has this'")).isEqualTo(Json.object());
    }

    private static JsonNode search(String filter) throws IOException, InterruptedException {
        ObjectNode body = Json.object().put("filter", filter);
        ((ArrayNode) body.putArray("experiment_ids")).add("0");
        return ok("POST", API + "runs/search", body.toString());
    }

    @Test
    void aBodyOfMoreThanAMebibyteIsTakenToo() throws IOException, InterruptedException {
        String run = run();
        ObjectNode body = Json.object().put("run_id", run);
        ArrayNode tags = body.putArray("tags");
        for (int i = 0; i < 100; i++) {
            tags.add(Json.object().put("key", "t" + i).put("value", "é".repeat(7_000)));
        }
        assertThat(body.toString().getBytes(StandardCharsets.UTF_8)).hasSizeGreaterThan(1 << 20);
        ok("POST", API + "runs/log-batch", body.toString());
        assertThat(ok("GET", API + "runs/get?run_id=" + run, "").at("/run/data/tags"))
                .hasSize(101);
    }

    @Test
    void aBodyThatComesInPiecesOfUnknownLengthIsTaken() throws IOException, InterruptedException {
        String run = run();
        String answer = chunked("{\"run_id\":\"" + run + "\",", "\"tags\":[{\"key\":\"a\",\"value\":\"b\"}]}");
        assertThat(answer).startsWith("HTTP/1.1 200");
        assertThat(ok("GET", API + "runs/get?run_id=" + run, "").at("/run/data/tags"))
                .contains(Json.object().put("key", "a").put("value", "b"));
    }

    private static String chunked(String... pieces) throws IOException {
        URI url = URI.create(server.url());
        try (Socket socket = new Socket(url.getHost(), url.getPort())) {
            OutputStream out = socket.getOutputStream();
            StringBuilder text = new StringBuilder("POST " + API + "runs/log-batch HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                    + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
            for (String piece : pieces) {
                text.append(Integer.toHexString(piece.length()))
                        .append("\r\n")
                        .append(piece)
                        .append("\r\n");
            }
            out.write(text.append("0\r\n\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void aPlainBatchForARunThatIsNotThereIsRefusedByItsName() throws IOException, InterruptedException {
        String body = "{\"run_id\":\"nobody\",\"metrics\":[{\"key\":\"m\",\"value\":1,\"timestamp\":1,\"step\":1}]}";
        var response = server.send("POST", API + "runs/log-batch", body);
        refused(404, "RESOURCE_DOES_NOT_EXIST", response);
        assertThat(response.body()).contains("Run with id=nobody not found");
    }

    @Test
    void aPlainBatchThatIsTooLongIsRefusedAndLogsNothing() throws IOException, InterruptedException {
        String run = run();
        StringBuilder body = new StringBuilder("{\"run_id\":\"" + run + "\",\"metrics\":[");
        for (int i = 0; i <= BATCH; i++) {
            body.append(i == 0 ? "" : ",").append("{\"key\":\"m" + i + "\",\"value\":1,\"timestamp\":1,\"step\":1}");
        }
        refused(
                400,
                "INVALID_PARAMETER_VALUE",
                server.send("POST", API + "runs/log-batch", body.append("]}").toString()));
        assertThat(ok("GET", API + "runs/get?run_id=" + run, "").at("/run/data").has("metrics"))
                .isFalse();
    }
}
