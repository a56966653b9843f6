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

/** The corners of MLflow's wire: types, absence, extremes, lengths, and what every refusal says. */
class MlflowWireIT extends MlflowFixture {
    private static final String INVALID = "INVALID_PARAMETER_VALUE";

    private static HttpResponse<String> post(String call, String body) throws IOException, InterruptedException {
        return server.send("POST", API + call, body);
    }

    private static String message(HttpResponse<String> response) {
        return Json.parse(response.body()).path("message").asText();
    }

    private static JsonNode data(String run) throws IOException, InterruptedException {
        return ok("GET", API + "runs/get?run_id=" + run, "").at("/run/data");
    }

    private static String metric(String run, String rest) {
        return "{\"run_id\":\"" + run + "\",\"key\":\"m\"," + rest + "}";
    }

    @Test
    void aPageBeginsAnywhereAndACountHasABound() throws IOException, InterruptedException {
        for (int i = 0; i < 3; i++) {
            run();
        }
        String all = "{\"experiment_ids\":[\"0\"]";
        JsonNode first =
                ok("POST", API + "runs/search", all + ",\"max_results\":3}").path("runs");
        JsonNode jumped = ok("POST", API + "runs/search", all + ",\"max_results\":1,\"offset\":2}");
        assertThat(jumped.at("/runs/0/info/run_id")).isEqualTo(first.at("/2/info/run_id"));
        JsonNode count = ok("POST", API + "runs/count", all + ",\"max_count\":2}");
        assertThat(count).hasToString("{\"count\":2,\"more\":true}");
        refused(400, INVALID, post("runs/search", all + ",\"offset\":-1}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "\"value\":1,\"timestamp\":\"9223372036854775807\" | 9223372036854775807 | 0",
                "\"value\":1,\"timestamp\":0,\"step\":\"-9223372036854775808\" | 0 | -9223372036854775808",
                "\"value\":1,\"timestamp\":7e3,\"step\":2.0 | 7000 | 2",
                "\"value\":1,\"timestamp\":\"7\",\"step\":null | 7 | 0",
                "\"value\":1,\"timestamp\":7,\"step\":\"\",\"later\":{\"x\":[1]} | 7 | 0",
                "\"value\":1,\"timestamp\":7,\"model_id\":\"\",\"dataset_name\":null | 7 | 0",
                "\"value\":\"1\",\"timestamp\":7,\"modelId\":\"m-1\" | 7 | 0",
            })
    void wholeNumbersComeInEverySpellingThatClientsUse(String fields, long at, long step)
            throws IOException, InterruptedException {
        String run = run();
        ok("POST", API + "runs/log-metric", metric(run, fields));
        JsonNode kept = data(run).at("/metrics/0");
        assertThat(kept.path("timestamp").longValue()).isEqualTo(at);
        assertThat(kept.path("step").longValue()).isEqualTo(step);
        assertThat(kept.path("value").doubleValue()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "NaN | \"NaN\"",
                "\"NaN\" | \"NaN\"",
                "Infinity | \"Infinity\"",
                "-Infinity | \"-Infinity\"",
                "1e999 | \"Infinity\"",
                "\"1.5\" | 1.5",
                "0 | 0.0",
                "1.7976931348623157e308 | 1.7976931348623157E308",
                "4.9e-324 | 4.9E-324",
            })
    void realNumbersComeInEverySpellingThatClientsUse(String sent, String kept)
            throws IOException, InterruptedException {
        String run = run();
        ok("POST", API + "runs/log-metric", metric(run, "\"value\":" + sent + ",\"timestamp\":1"));
        assertThat(data(run).at("/metrics/0/value").toString()).isEqualTo(kept);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "\"value\":\"inf\",\"timestamp\":1 | Invalid value \"inf\" for parameter 'value' supplied",
                "\"value\":[1],\"timestamp\":1 | Invalid value [1] for parameter 'value' supplied",
                "\"value\":{},\"timestamp\":1 | Invalid value {} for parameter 'value' supplied",
                "\"value\":null,\"timestamp\":1 | Missing value for required parameter 'value'",
                "\"value\":\"\",\"timestamp\":1 | 'value'",
                "\"value\":1,\"timestamp\":null | Missing value for required parameter 'timestamp'",
                "\"value\":1,\"timestamp\":\"\" | Missing value for required parameter 'timestamp'",
                "\"value\":1,\"timestamp\":9223372036854775808 | 'timestamp' supplied: expected a whole number of 64 bits",
                "\"value\":1,\"timestamp\":\"1x\" | Invalid value \"1x\" for parameter 'timestamp' supplied",
                "\"value\":1,\"timestamp\":true | 'timestamp'",
                "\"value\":1,\"timestamp\":1,\"step\":0.5 | Invalid value 0.5 for parameter 'step' supplied",
                "\"value\":1,\"timestamp\":1,\"step\":[] | 'step'",
                "\"value\":1,\"timestamp\":1,\"model_id\":7 | Invalid value 7 for parameter 'model_id' supplied",
                "\"value\":1,\"timestamp\":1,\"model_id\":\"../m\" | model_id",
            })
    void aWrongValueIsShownWithItsNameAndNothingIsKept(String fields, String told)
            throws IOException, InterruptedException {
        String run = run();
        HttpResponse<String> response = post("runs/log-metric", metric(run, fields));
        refused(400, INVALID, response);
        assertThat(message(response)).contains(told);
        assertThat(data(run).has("metrics")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "runs/log-metric, key",
        "runs/log-parameter, key",
        "runs/set-tag, key",
        "runs/delete-tag, key",
        "experiments/get-by-name, experiment_name",
        "experiments/create, name",
        "experiments/delete, experiment_id",
        "experiments/restore, experiment_id",
        "experiments/update, experiment_id",
        "experiments/set-experiment-tag, experiment_id",
    })
    void whatIsRequiredIsNamedWhenItIsMissing(String call, String field) throws IOException, InterruptedException {
        HttpResponse<String> response = call.contains("get-by-name")
                ? server.send("GET", API + call, "")
                : post(call, "{\"run_id\":\"" + run() + "\",\"value\":\"1\",\"timestamp\":1,\"" + field + "\":\"\"}");
        refused(400, INVALID, response);
        assertThat(message(response)).startsWith("Missing value for required parameter '" + field + "'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "runs/log-metric",
                "runs/log-parameter",
                "runs/set-tag",
                "runs/log-batch",
                "runs/update",
                "runs/delete",
                "runs/restore",
                "runs/log-inputs"
            })
    void aRunThatIsNotThereIsTold(String call) throws IOException, InterruptedException {
        String body = "{\"run_id\":\"" + "0".repeat(32) + "\",\"key\":\"k\",\"value\":\"1\",\"timestamp\":1}";
        HttpResponse<String> response = post(call, body);
        refused(404, "RESOURCE_DOES_NOT_EXIST", response);
        assertThat(message(response)).contains("0".repeat(32)).contains("not found");
        HttpResponse<String> unnamed = post(call, "{\"key\":\"k\",\"value\":\"1\",\"timestamp\":1}");
        refused(400, INVALID, unnamed);
        assertThat(message(unnamed)).contains("'run_id'");
    }

    @Test
    void keysHaveALongestLengthAndValuesAreCut() throws IOException, InterruptedException {
        String run = run();
        String fits = "k".repeat(250);
        for (String call : List.of("runs/log-parameter", "runs/set-tag", "runs/log-metric")) {
            String body = "{\"run_id\":\"" + run + "\",\"key\":\"KEY\",\"value\":\"1\",\"timestamp\":1}";
            ok("POST", API + call, body.replace("KEY", fits));
            HttpResponse<String> response = post(call, body.replace("KEY", fits + "k"));
            refused(400, INVALID, response);
            assertThat(message(response)).contains("exceeds the maximum length of 250 characters");
        }
        ok("POST", API + "runs/log-parameter", pair(run, "p", "ü".repeat(6001)));
        ok("POST", API + "runs/set-tag", pair(run, "t", "ü".repeat(8001)));
        JsonNode data = data(run);
        assertThat(value(data.path("params"), "p")).isEqualTo("ü".repeat(6000));
        assertThat(value(data.path("tags"), "t")).isEqualTo("ü".repeat(8000));
    }

    private static String pair(String run, String key, String value) {
        return "{\"run_id\":\"" + run + "\",\"key\":\"" + key + "\",\"value\":\"" + value + "\"}";
    }

    private static String value(JsonNode pairs, String key) {
        for (JsonNode pair : pairs) {
            if (pair.path("key").asText().equals(key)) {
                return pair.path("value").asText();
            }
        }
        return "";
    }

    @Test
    void namesAndPlacesOfExperimentsHaveALongestLength() throws IOException, InterruptedException {
        ok("POST", API + "experiments/create", "{\"name\":\"" + "n".repeat(500) + "\"}");
        HttpResponse<String> name = post("experiments/create", "{\"name\":\"" + "n".repeat(501) + "\"}");
        refused(400, INVALID, name);
        assertThat(message(name)).contains("exceeds the maximum length of 500 characters");
        HttpResponse<String> place = post(
                "experiments/create", "{\"name\":\"p\",\"artifact_location\":\"s3://b/" + "x".repeat(2048) + "\"}");
        refused(400, INVALID, place);
        assertThat(message(place)).contains("2048");
        HttpResponse<String> again = post("experiments/create", "{\"name\":\"Default\"}");
        refused(400, "RESOURCE_ALREADY_EXISTS", again);
        assertThat(message(again)).contains("Default");
    }

    @Test
    void aParameterKeepsItsFirstValueAndSaysSo() throws IOException, InterruptedException {
        String run = run();
        ok("POST", API + "runs/log-parameter", pair(run, "p", ""));
        ok("POST", API + "runs/log-parameter", pair(run, "p", ""));
        HttpResponse<String> response = post("runs/log-parameter", pair(run, "p", "2"));
        refused(400, INVALID, response);
        assertThat(message(response))
                .startsWith("Changing param values is not allowed.")
                .contains("'p'")
                .contains("'2'");
        assertThat(value(data(run).path("params"), "p")).isEmpty();
    }

    @Test
    void aBatchMayBeEmptyAndIsKeptWholeOrNotAtAll() throws IOException, InterruptedException {
        String run = run();
        ok("POST", API + "runs/log-batch", "{\"run_id\":\"" + run + "\"}");
        ok("POST", API + "runs/log-batch", "{\"runId\":\"" + run + "\",\"metrics\":null,\"params\":[],\"tags\":null}");
        String batch = "{\"run_id\":\"" + run + "\",\"metrics\":[{\"key\":\"m\",\"value\":1,\"timestamp\":1}],"
                + "\"params\":[{\"key\":\"p\",\"value\":\"1\"},{\"key\":\"KEY\",\"value\":\"1\"}],"
                + "\"tags\":[{\"key\":\"t\",\"value\":\"1\"}]}";
        HttpResponse<String> twice = post("runs/log-batch", batch.replace("KEY", "p"));
        refused(400, INVALID, twice);
        assertThat(message(twice)).startsWith("Duplicate parameter keys have been submitted");
        HttpResponse<String> name = post("runs/log-batch", batch.replace("KEY", "a//b"));
        refused(400, INVALID, name);
        assertThat(message(name)).contains("params[1].key").contains("a//b");
        JsonNode data = data(run);
        assertThat(data.has("metrics")).isFalse();
        assertThat(data.has("params")).isFalse();
        assertThat(value(data.path("tags"), "t")).isEmpty();
        ok("POST", API + "runs/log-batch", batch.replace("KEY", "q"));
        assertThat(data(run).path("params")).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{\"run_id\":\"x\",", "[", "{\"a\":1}}x", "nul", "{'a':1}", "\u00ff\u00fe", "{\"a\":\"\\ud800\""
            })
    void whatIsNoJsonIsTold(String body) throws IOException, InterruptedException {
        HttpResponse<String> response = post("runs/create", body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        assertThat(message(response)).contains("JSON");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "3", "true", "null", "\"[]\"", "\"text\""})
    void whatIsNoObjectIsRefused(String body) throws IOException, InterruptedException {
        assertThat(post("runs/create", body).statusCode()).isEqualTo(400);
    }

    @Test
    void aBodyNestedWithoutEndIsRefused() throws IOException, InterruptedException {
        HttpResponse<String> response =
                post("runs/create", "{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}");
        assertThat(response.statusCode()).isEqualTo(400);
    }

    @Test
    void aBatchLargerThanTheDocumentedMegabyteIsTaken() throws IOException, InterruptedException {
        String run = run();
        StringBuilder params = new StringBuilder();
        StringBuilder tags = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            String pair = (i == 0 ? "" : ",") + "{\"key\":\"k" + i + "\",\"value\":\"";
            params.append(pair).append("x".repeat(6000)).append("\"}");
            tags.append(pair).append("y".repeat(8000)).append("\"}");
        }
        ok(
                "POST",
                API + "runs/log-batch",
                "{\"run_id\":\"" + run + "\",\"params\":[" + params + "],\"tags\":[" + tags + "]}");
        assertThat(data(run).path("params")).hasSize(100);
    }

    @ParameterizedTest
    @CsvSource({
        "status, \"FINISHED\", FINISHED",
        "status, 3, FINISHED",
        "status, \"4\", FAILED",
        "status, null, RUNNING",
        "unknown, 1, RUNNING",
    })
    void aStatusComesByNameOrNumber(String field, String value, String expected)
            throws IOException, InterruptedException {
        JsonNode updated =
                ok("POST", API + "runs/update", "{\"run_id\":\"" + run() + "\",\"" + field + "\":" + value + "}");
        assertThat(updated.at("/run_info/status").asText()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"finished\"", "0", "6", "true", "[]", "\"DONE\""})
    void aStatusThatIsNoneIsRefused(String status) throws IOException, InterruptedException {
        HttpResponse<String> response = post("runs/update", "{\"run_id\":\"" + run() + "\",\"status\":" + status + "}");
        refused(400, INVALID, response);
        assertThat(message(response)).contains("'status'").contains("FINISHED");
    }

    @Test
    void everyWriteOnADeletedRunNamesTheStateThatIsNeeded() throws IOException, InterruptedException {
        String run = run();
        ok("POST", API + "runs/delete", "{\"run_id\":\"" + run + "\"}");
        ok("POST", API + "runs/delete", "{\"run_id\":\"" + run + "\"}");
        for (String call :
                List.of("log-metric", "log-parameter", "set-tag", "log-batch", "update", "delete-tag", "log-inputs")) {
            HttpResponse<String> response =
                    post("runs/" + call, "{\"run_id\":\"" + run + "\",\"key\":\"k\",\"value\":\"1\",\"timestamp\":1}");
            refused(400, INVALID, response);
            assertThat(message(response)).as(call).contains("must be in the 'active' state");
        }
        assertThat(ok("GET", API + "runs/get?run_uuid=" + run, "")
                        .at("/run/info/lifecycle_stage")
                        .asText())
                .isEqualTo("deleted");
    }

    private static String curve(int... steps) throws IOException, InterruptedException {
        String run = run();
        StringBuilder metrics = new StringBuilder();
        for (int step : steps) {
            metrics.append(metrics.isEmpty() ? "" : ",")
                    .append("{\"key\":\"loss\",\"value\":1,\"timestamp\":1,\"step\":" + step + "}");
        }
        ok("POST", API + "runs/log-batch", "{\"run_id\":\"" + run + "\",\"metrics\":[" + metrics + "]}");
        return run;
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/2.0/mlflow/", "/ajax-api/2.0/mlflow/", "//api/2.0/mlflow/"})
    void aCurveIsSampledForAScreen(String root) throws IOException, InterruptedException {
        String first = curve(0, 1, 2, 3, 4, 5);
        String second = curve(3, 9);
        JsonNode sampled = ok(
                "GET",
                root + "metrics/get-history-bulk-interval?metric_key=loss&max_results=2&run_ids=" + first + "&run_ids="
                        + second,
                "");
        assertThat(sampled.path("metrics"))
                .allSatisfy(metric -> assertThat(metric.path("run_id").asText()).isIn(first, second))
                .extracting(metric -> metric.path("step").asInt())
                .contains(0, 3, 5, 9)
                .doesNotContain(1, 2);
        assertThat(ok(
                                "GET",
                                root
                                        + "metrics/get-history-bulk-interval?metric_key=loss&start_step=1&end_step=2&run_ids="
                                        + first,
                                "")
                        .path("metrics"))
                .hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({
        "metric_key=loss, run_ids",
        "run_ids=R, metric_key",
        "run_ids=R&metric_key=loss&start_step=1, both must be specified",
        "run_ids=R&metric_key=loss&start_step=2&end_step=1, end_step must be greater than start_step",
        "run_ids=R&metric_key=loss&max_results=0, max_results",
        "run_ids=R&metric_key=loss&max_results=2501, max_results",
        "run_ids=R&metric_key=loss&start_step=x&end_step=1, start_step",
        "run_ids=..&metric_key=loss, run_ids",
    })
    void aSampleThatIsAskedForWronglyIsRefused(String query, String told) throws IOException, InterruptedException {
        HttpResponse<String> response =
                server.send("GET", API + "metrics/get-history-bulk-interval?" + query.replace("R", "0".repeat(32)), "");
        refused(400, INVALID, response);
        assertThat(message(response)).contains(told);
    }

    @Test
    void aHistoryOfWhatIsNotThereIsEmpty() throws IOException, InterruptedException {
        String path = API + "metrics/get-history?metric_key=m&run_id=";
        assertThat(ok("GET", path + "0".repeat(32), "").toString()).isEqualTo("{}");
        assertThat(ok("GET", path + run(), "").toString()).isEqualTo("{}");
        assertThat(ok("GET", API + "metrics/get-history-bulk-interval?metric_key=m&run_ids=" + "0".repeat(32), "")
                        .toString())
                .isEqualTo("{}");
        refused(400, INVALID, server.send("GET", path + run() + "&page_token=x", ""));
    }

    @Test
    void whatAMetricWasMeasuredForComesBackInItsHistory() throws IOException, InterruptedException {
        String run = run();
        ok(
                "POST",
                API + "runs/log-metric",
                metric(
                        run,
                        "\"value\":1,\"timestamp\":1,\"modelId\":\"m-1\",\"datasetName\":\"d\",\"dataset_digest\":\"x\""));
        JsonNode kept = ok("GET", API + "metrics/get-history?metric_key=m&run_id=" + run, "")
                .at("/metrics/0");
        assertThat(kept.path("model_id").asText()).isEqualTo("m-1");
        assertThat(kept.path("dataset_name").asText()).isEqualTo("d");
        assertThat(kept.path("dataset_digest").asText()).isEqualTo("x");
        assertThat(data(run).at("/metrics/0").has("model_id")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "bytes=0-0, 206, a",
        "bytes=2-, 206, cdef",
        "bytes=-2, 206, ef",
        "bytes=-99, 206, abcdef",
        "bytes=4-99, 206, ef",
        "bytes=0-1&2-3, 200, abcdef",
        "bytes=-, 200, abcdef",
        "lines=1-2, 200, abcdef",
        "bytes=99999999999999999999-, 200, abcdef",
    })
    void aPartOfAFileIsSentWhereAskedFor(String range, int status, String body)
            throws IOException, InterruptedException {
        String path = "/api/2.0/mlflow-artifacts/artifacts/0/ranges/artifacts/f.txt";
        server.send("PUT", path, "abcdef", "Content-Type", "text/plain");
        HttpResponse<String> response = server.send("GET", path, "", "Range", range.replace('&', ','));
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.body()).isEqualTo(body);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=6-", "bytes=7-9", "bytes=3-2", "bytes=-0"})
    void aPartThatIsNotThereIsRefused(String range) throws IOException, InterruptedException {
        String path = "/api/2.0/mlflow-artifacts/artifacts/0/ranges/artifacts/g.txt";
        server.send("PUT", path, "abcdef", "Content-Type", "text/plain");
        HttpResponse<String> response = server.send("GET", path, "", "Range", range);
        assertThat(response.statusCode()).isEqualTo(416);
        assertThat(response.headers().firstValue("Content-Range")).hasValue("bytes */6");
    }

    @Test
    void anEmptyFileAndALargeOneComeBackWhole() throws IOException, InterruptedException {
        String root = "/api/2.0/mlflow-artifacts/artifacts/0/sizes/artifacts/";
        String large = "0123456789abcdef".repeat(512 * 1024);
        assertThat(server.send("PUT", root + "empty", "", "Content-Type", "text/plain")
                        .statusCode())
                .isEqualTo(200);
        assertThat(server.send("PUT", root + "large", large, "Content-Type", "text/plain")
                        .statusCode())
                .isEqualTo(200);
        assertThat(server.send("GET", root + "empty", "").body()).isEmpty();
        assertThat(server.send("GET", root + "large", "").body()).isEqualTo(large);
        JsonNode files = ok("GET", "/api/2.0/mlflow-artifacts/artifacts?path=0/sizes/artifacts", "")
                .path("files");
        assertThat(files.toString())
                .isEqualTo("[{\"path\":\"empty\",\"is_dir\":false},{\"path\":\"large\",\"is_dir\":false,\"file_size\":"
                        + large.length() + "}]");
    }

    @Test
    void searchesTakeTheirViewByNameOrNumberAndRefuseOthers() throws IOException, InterruptedException {
        for (String view : List.of("\"ACTIVE_ONLY\"", "1", "\"ALL\"", "3", "null")) {
            ok(
                    "POST",
                    API + "runs/search",
                    "{\"experiment_ids\":[0],\"max_results\":1,\"run_view_type\":" + view + "}");
        }
        refused(400, INVALID, post("runs/search", "{\"experiment_ids\":[\"0\"],\"run_view_type\":\"ACTIVE\"}"));
        assertThat(ok("GET", API + "experiments/search?max_results=1&view_type=ALL&filter=name%20%3D%20'Default'", "")
                        .at("/experiments/0/experiment_id")
                        .textValue())
                .isEqualTo("0");
        refused(400, INVALID, server.send("GET", API + "experiments/search?max_results=x", ""));
        assertThat(ok("POST", API + "runs/search", "{}").toString()).isEqualTo("{}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "metrics.a = | at character 12",
                "metrics.a > 1 AND | at character 18",
                "metrics.a > 1 XOR metrics.b > 1 | at character 15",
                "params.a = 'x | at character 12",
                "status = 'FINISHED' garbage | at character 21",
            })
    void aBrokenFilterIsToldWithItsPlace(String filter, String place) throws IOException, InterruptedException {
        HttpResponse<String> response = post(
                "runs/search",
                Json.object()
                        .put("filter", filter)
                        .set("experiment_ids", Json.array().add("0"))
                        .toString());
        refused(400, INVALID, response);
        assertThat(message(response)).contains(place);
    }
}
