package dev.perennial.server.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The packaged server as MLflow's clients see its wire. */
class MlflowClientIT extends MlflowFixture {
    @Test
    void numbersOf64BitsComeAsTextOrNumberAndGoAsNumbers() throws IOException, InterruptedException {
        JsonNode created = ok("POST", "/ajax-api/2.0/mlflow/runs/create", "{\"experimentId\":0,\"startTime\":\"123\"}");
        assertThat(created.at("/run/info/start_time").isNumber()).isTrue();
        assertThat(created.at("/run/info/start_time").asLong()).isEqualTo(123);
        assertThat(created.at("/run/info/experiment_id").textValue()).isEqualTo("0");
        String run = created.at("/run/info/run_id").asText();
        assertThat(created.at("/run/info/run_uuid").asText()).isEqualTo(run).matches("[0-9a-f]{32}");
        ok(
                "POST",
                API + "runs/log-metric",
                "{\"run_uuid\":\"" + run + "\",\"key\":\"m\",\"value\":\"NaN\",\"timestamp\":5.0}");
        ok(
                "POST",
                API + "runs/log-metric",
                "{\"run_id\":\"" + run + "\",\"key\":\"i\",\"value\":\"-Infinity\",\"timestamp\":\"5\"}");
        JsonNode read = ok("GET", API + "runs/get?run_id=" + run, "");
        assertThat(read.at("/run/data/metrics").toString())
                .isEqualTo("[{\"key\":\"i\",\"value\":\"-Infinity\",\"timestamp\":5,\"step\":0},"
                        + "{\"key\":\"m\",\"value\":\"NaN\",\"timestamp\":5,\"step\":0}]");
        ok("POST", API + "runs/update", "{\"run_id\":\"" + run + "\",\"status\":3,\"end_time\":9}");
        assertThat(ok("GET", API + "runs/get?run_id=" + run, "")
                        .at("/run/info/status")
                        .asText())
                .isEqualTo("FINISHED");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/2.0/mlflow/nothing",
                "/api/3.0/mlflow/traces/search",
                "/api/2.0/mlflow/traces/get",
                "/api/2.0/mlflow",
                "/ajax-api/2.0/mlflow/registered-models/find",
                "/api/2.0/mlflow/runs/create/x",
                "/api/3.0/mlflow/runs/create"
            })
    void unknownRoutesAreNotFound(String path) throws IOException, InterruptedException {
        refused(404, "ENDPOINT_NOT_FOUND", server.send("GET", path, ""));
        refused(404, "ENDPOINT_NOT_FOUND", server.send("POST", path, "{}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "runs/log-metric | {\"run_id\":\"R\",\"key\":\"m\",\"timestamp\":1} | 'value'",
                "runs/log-metric | {\"run_id\":\"R\",\"key\":\"m\",\"value\":1} | 'timestamp'",
                "runs/log-metric | {\"run_id\":\"R\",\"key\":\"m\",\"value\":true,\"timestamp\":1} | 'value'",
                "runs/log-metric | {\"run_id\":\"R\",\"key\":\"m\",\"value\":1,\"timestamp\":1.5} | 'timestamp'",
                "runs/log-metric | {\"run_id\":\"R\",\"key\":\"m\",\"value\":1,\"timestamp\":1e400} | 'timestamp'",
                "runs/log-metric | {\"run_id\":\"R\",\"key\":\"m\",\"value\":1,\"timestamp\":-1} | timestamp'",
                "runs/log-metric | {\"run_id\":31,\"key\":\"m\",\"value\":1,\"timestamp\":1} | 'run_id'",
                "runs/log-metric | {\"run_id\":\"../x\",\"key\":\"m\",\"value\":1,\"timestamp\":1} | 'run_id'",
                "runs/log-batch | {\"run_id\":\"R\",\"metrics\":[{\"key\":\"m\",\"value\":1}]} | 'metrics[0].timestamp'",
                "runs/log-batch | {\"run_id\":\"R\",\"params\":[{\"key\":\"a\",\"value\":\"1\"},{\"key\":\"b\",\"value\":9.0}]} | 'params[1].value'",
                "runs/log-batch | {\"run_id\":\"R\",\"tags\":\"x\"} | 'tags'",
                "runs/log-batch | {\"run_id\":\"R\",\"tags\":[3]} | 'tags[0]'",
                "runs/set-tag | {\"run_id\":\"R\",\"key\":\"a\\u0000b\",\"value\":\"1\"} | 'key'",
                "runs/update | {\"run_id\":\"R\",\"status\":\"DONE\"} | 'status'",
                "runs/create | {\"experiment_id\":\"x\"} | 'experiment_id'",
                "runs/search | {\"experiment_ids\":[\"0\"],\"max_results\":50001} | 'max_results'",
                "runs/search | {\"experiment_ids\":[\"0\"],\"filter\":\"metrics.x > 'a'\"} | metrics.x",
                "runs/search | {\"experiment_ids\":[\"0\"],\"page_token\":\"x\"} | page token",
                "runs/search | {\"experiment_ids\":\"0\"} | 'experiment_ids'",
                "runs/search | {\"experiment_ids\":[\"0\"],\"order_by\":[\"metrics.`a b`\",\"metric.\\\"a b\\\" DESC\"]} | duplicate fields: metric.a b",
                "experiments/search | {\"order_by\":[\"name\",\"attribute.name DESC\"]} | duplicate fields: attribute.name",
                "runs/log-model | {\"run_id\":\"R\",\"model_json\":\"x\"} | 'model_json'",
                "runs/log-model | {\"run_id\":\"R\",\"model_json\":\"{}\"} | 'artifact_path'",
                "experiments/create | {\"name\":123} | 'name'",
                "experiments/create | {\"name\":\"\"} | 'name'",
                "experiments/create | [] | object",
            })
    void aMistakeIsAnsweredWithItsPlace(String call, String body, String place)
            throws IOException, InterruptedException {
        HttpResponse<String> response = server.send("POST", API + call, body.replace("\"R\"", "\"" + run() + "\""));
        refused(400, "INVALID_PARAMETER_VALUE", response);
        assertThat(Json.parse(response.body()).path("message").asText()).contains(place);
    }

    @Test
    void bodiesThatAreNoJsonAreRefused() throws IOException, InterruptedException {
        refused(400, "MALFORMED_REQUEST", server.send("POST", API + "runs/create", "{\"experiment_id\""));
        refused(
                400,
                "INVALID_PARAMETER_VALUE",
                server.send("POST", API + "runs/create", "a=b", "Content-Type", "text/plain"));
        refused(400, "INVALID_PARAMETER_VALUE", server.send("POST", API + "runs/log-metric", "\"{}\""));
        assertThat(server.send("POST", API + "runs/create", "\"{}\"", "Content-Type", "application/json; charset=utf-8")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void aBatchOfTenThousandIsRefusedAndWritesNothing() throws IOException, InterruptedException {
        String run = run();
        StringBuilder metrics = new StringBuilder();
        for (int i = 0; i < 1001; i++) {
            metrics.append(i == 0 ? "" : ",")
                    .append("{\"key\":\"m")
                    .append(i)
                    .append("\",\"value\":1,\"timestamp\":1}");
        }
        refused(
                400,
                "INVALID_PARAMETER_VALUE",
                server.send(
                        "POST", API + "runs/log-batch", "{\"run_id\":\"" + run + "\",\"metrics\":[" + metrics + "]}"));
        assertThat(ok("GET", API + "runs/get?run_id=" + run, "").at("/run/data").has("metrics"))
                .isFalse();
    }

    @Test
    void theJavaClientGetsALongHistoryInOnePage() throws IOException, InterruptedException {
        String run = run();
        for (int batch = 0; batch < 3; batch++) {
            StringBuilder metrics = new StringBuilder();
            for (int i = 0; i < 1000; i++) {
                metrics.append(i == 0 ? "" : ",")
                        .append("{\"key\":\"m\",\"value\":1,\"timestamp\":")
                        .append(batch * 1000 + i)
                        .append('}');
            }
            ok("POST", API + "runs/log-batch", "{\"run_id\":\"" + run + "\",\"metrics\":[" + metrics + "]}");
        }
        String path = API + "metrics/get-history?metric_key=m&max_results=10&run_id=" + run;
        JsonNode all = Json.parse(server.send("GET", path, "", "User-Agent", "mlflow-java-client/2.17.2")
                .body());
        assertThat(all.path("metrics")).hasSize(3000);
        assertThat(all.has("next_page_token")).isFalse();
        assertThat(ok("GET", path, "").path("metrics")).hasSize(10);
        assertThat(ok("GET", API + "metrics/get-history?metric_key=m&run_id=" + run, "")
                        .path("metrics"))
                .hasSize(3000);
        assertThat(ok("GET", "/ajax-api/2.0/mlflow/metrics/get-history-bulk?metric_key=m&run_id=" + run, "")
                        .path("metrics"))
                .hasSize(3000);
        refused(400, "INVALID_PARAMETER_VALUE", server.send("GET", path.replace("=10", "=0"), ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../x",
                "%2e%2e/x",
                "%252e%252e%252fx",
                "a/../../x",
                "a%2f..%2fb",
                "%2Fetc%2Fpasswd",
                "C:/x",
                "a%5Cb",
                "file:x",
                "a//b",
                "a%23b"
            })
    void pathsThatLeadElsewhereAreRefused(String path) throws IOException {
        for (String method : List.of("GET", "PUT", "DELETE")) {
            String answer = raw(method + " /api/2.0/mlflow-artifacts/artifacts/" + path);
            assertThat(answer).as(method).startsWith("HTTP/1.1 400").contains("\"message\":\"Invalid path\"");
        }
        assertThat(raw("GET /api/2.0/mlflow-artifacts/artifacts?path=" + path)).startsWith("HTTP/1.1 400");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a%00b", "a%0ab", "%ff"})
    void pathsThatAreNoTextAreRefused(String path) throws IOException {
        assertThat(raw("PUT /api/2.0/mlflow-artifacts/artifacts/" + path)).startsWith("HTTP/1.1 400");
    }

    @Test
    void filesAreStoredSentInPartsAndNeverShownInline() throws IOException, InterruptedException {
        String path = "/api/2.0/mlflow-artifacts/artifacts/0/" + run() + "/artifacts/page.html";
        HttpResponse<String> put = server.send("PUT", path, "<script>1</script>", "Content-Type", "text/html");
        assertThat(put.statusCode()).isEqualTo(200);
        assertThat(put.body()).isEmpty();
        HttpResponse<String> get = server.send("GET", path, "");
        assertThat(get.body()).isEqualTo("<script>1</script>");
        assertThat(get.headers().firstValue("Content-Type")).hasValue("application/octet-stream");
        assertThat(get.headers().firstValue("Content-Disposition").orElse("")).startsWith("attachment");
        HttpResponse<String> part = server.send("GET", path, "", "Range", "bytes=1-6");
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo("script");
        assertThat(part.headers().firstValue("Content-Range")).hasValue("bytes 1-6/18");
        assertThat(server.send("GET", path, "", "Range", "bytes=18-").statusCode())
                .isEqualTo(416);
        refused(404, "RESOURCE_DOES_NOT_EXIST", server.send("GET", path + "x", ""));
        ok("DELETE", path, "");
        refused(404, "RESOURCE_DOES_NOT_EXIST", server.send("GET", path, ""));
        for (String root : List.of("/.", "/0", "/", "")) {
            refused(
                    400,
                    "INVALID_PARAMETER_VALUE",
                    server.send("DELETE", "/api/2.0/mlflow-artifacts/artifacts" + root, ""));
        }
        refused(501, "NOT_IMPLEMENTED", server.send("POST", "/api/2.0/mlflow-artifacts/mpu/create/0/x", "{}"));
    }

    @Test
    void theProductsOwnRoutesAreStillThere() throws IOException, InterruptedException {
        assertThat(ok("GET", "/api/status", "").path("ready").asBoolean()).isTrue();
        assertThat(server.send("GET", "/version", "").body()).matches("\\d+\\.\\d+\\.\\d+");
        HttpResponse<String> foreign = server.send(
                "POST", API + "runs/create", "{}", "Origin", "http://example.org", "Content-Type", "application/json");
        assertThat(foreign.statusCode()).isEqualTo(403);
    }
}
