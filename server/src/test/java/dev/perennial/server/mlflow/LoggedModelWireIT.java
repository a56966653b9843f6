package dev.perennial.server.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The calls for logged models as they are on the wire. */
class LoggedModelWireIT extends MlflowFixture {
    private static final String MODELS = API + "logged-models";
    private static final String INVALID = "INVALID_PARAMETER_VALUE";
    private static final String ABSENT = "RESOURCE_DOES_NOT_EXIST";

    private static JsonNode created(String more) throws IOException, InterruptedException {
        return ok("POST", MODELS, "{\"experiment_id\":\"0\"" + more + "}").path("model");
    }

    private static String id(JsonNode model) {
        return model.at("/info/model_id").asText();
    }

    private static JsonNode read(String id) throws IOException, InterruptedException {
        return ok("GET", MODELS + "/" + id, "").path("model");
    }

    private static HttpResponse<String> patch(String path, String body) throws IOException, InterruptedException {
        return server.send("PATCH", MODELS + "/" + path, body);
    }

    @Test
    void aModelIsMadeWithEverythingThatTheClientSays() throws IOException, InterruptedException {
        JsonNode model = created(",\"name\":\"trees\",\"model_type\":\"forest\",\"sourceRunId\":\"r1\","
                + "\"params\":[{\"key\":\"depth\",\"value\":\"3\"}],\"tags\":[{\"key\":\"t\",\"value\":\"\"}]");
        JsonNode info = model.path("info");
        assertThat(info.path("model_id").asText()).matches("m-[0-9a-f]{32}");
        assertThat(info.path("experiment_id").textValue()).isEqualTo("0");
        assertThat(info.path("artifact_uri").asText())
                .isEqualTo("mlflow-artifacts:/0/models/" + id(model) + "/artifacts");
        assertThat(info.path("status").asText()).isEqualTo("LOGGED_MODEL_PENDING");
        assertThat(info.path("creation_timestamp_ms").isIntegralNumber()).isTrue();
        assertThat(info.path("model_type").asText()).isEqualTo("forest");
        assertThat(info.path("source_run_id").asText()).isEqualTo("r1");
        assertThat(info.path("tags").toString()).isEqualTo("[{\"key\":\"t\",\"value\":\"\"}]");
        assertThat(model.at("/data/params").toString()).isEqualTo("[{\"key\":\"depth\",\"value\":\"3\"}]");
        assertThat(read(id(model))).isEqualTo(model);
    }

    @Test
    void whatIsAbsentIsLeftOut() throws IOException, InterruptedException {
        JsonNode model = created("");
        assertThat(model.at("/info/name").asText()).isNotEmpty();
        assertThat(model.at("/info").has("model_type")).isFalse();
        assertThat(model.at("/info").has("tags")).isFalse();
        assertThat(model.at("/info").has("registrations")).isFalse();
        assertThat(model.path("data").toString()).isEqualTo("{}");
    }

    @ParameterizedTest
    @CsvSource({
        "LOGGED_MODEL_READY, LOGGED_MODEL_READY",
        "2, LOGGED_MODEL_READY",
        "LOGGED_MODEL_UPLOAD_FAILED, LOGGED_MODEL_UPLOAD_FAILED",
        "3, LOGGED_MODEL_UPLOAD_FAILED",
        "1, LOGGED_MODEL_PENDING"
    })
    void aStatusComesByNameOrNumber(String sent, String kept) throws IOException, InterruptedException {
        String id = id(created(""));
        String status = sent.length() == 1 ? sent : "\"" + sent + "\"";
        assertThat(patch(id, "{\"status\":" + status + "}").body()).contains("\"status\":\"" + kept + "\"");
        assertThat(read(id).at("/info/status").asText()).isEqualTo(kept);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"status\":\"READY\"}", "{\"status\":7}", "{\"status\":[]}"})
    void aStatusThatDoesNotExistIsRefused(String body) throws IOException, InterruptedException {
        String id = id(created(""));
        refused(400, INVALID, patch(id, body));
        assertThat(read(id).at("/info/status").asText()).isEqualTo("LOGGED_MODEL_PENDING");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | experiment_id",
                "{\"experiment_id\":\"0\",\"name\":\"a/b\"} | cannot contain",
                "{\"experiment_id\":\"0\",\"name\":3} | 'name'",
                "{\"experiment_id\":\"x\"} | 'experiment_id'",
                "{\"experiment_id\":\"0\",\"params\":[{\"key\":\"a\"}]} | 'params[0].value'",
                "{\"experiment_id\":\"0\",\"params\":{}} | 'params'",
                "{\"experiment_id\":\"0\",\"tags\":[{\"value\":\"a\"}]} | 'tags[0].key'",
                "{\"experiment_id\":\"0\",\"source_run_id\":\"../x\"} | 'source_run_id'"
            })
    void aRequestThatDoesNotFitIsRefusedByField(String body, String told) throws IOException, InterruptedException {
        HttpResponse<String> answer = server.send("POST", MODELS, body);
        refused(400, INVALID, answer);
        assertThat(answer.body()).contains(told);
    }

    @Test
    void anExperimentThatIsNotThereHasNoModels() throws IOException, InterruptedException {
        refused(404, ABSENT, server.send("POST", MODELS, "{\"experiment_id\":\"987654\"}"));
        assertThat(ok("POST", MODELS + "/search", "{\"experiment_ids\":[\"987654\"]}")
                        .toString())
                .isEqualTo("{}");
    }

    @Test
    void tagsWithSlashesAreSetAndDeletedByPath() throws IOException, InterruptedException {
        String id = id(created(""));
        String tags = "{\"tags\":[{\"key\":\"a/b c\",\"value\":\"1\"},{\"key\":\"d\",\"value\":\"2\"}]}";
        assertThat(patch(id + "/tags", tags).statusCode()).isEqualTo(200);
        assertThat(ok("DELETE", MODELS + "/" + id + "/tags/a/b%20c", "").toString())
                .isEqualTo("{}");
        assertThat(read(id).at("/info/tags").toString()).isEqualTo("[{\"key\":\"d\",\"value\":\"2\"}]");
        refused(404, ABSENT, server.send("DELETE", MODELS + "/" + id + "/tags/a/b%20c", ""));
    }

    @Test
    void paramsAreWrittenOnce() throws IOException, InterruptedException {
        String id = id(created(""));
        String first = "{\"params\":[{\"key\":\"p\",\"value\":\"1\"}]}";
        assertThat(ok("POST", MODELS + "/" + id + "/params", first).toString()).isEqualTo("{}");
        ok("POST", MODELS + "/" + id + "/params", first);
        refused(400, INVALID, server.send("POST", MODELS + "/" + id + "/params", first.replace("1", "2")));
        assertThat(read(id).at("/data/params").toString()).isEqualTo("[{\"key\":\"p\",\"value\":\"1\"}]");
    }

    @Test
    void aDeletedModelIsOnlyShownToWhoAsksForDeletedOnes() throws IOException, InterruptedException {
        String id = id(created(""));
        assertThat(ok("DELETE", MODELS + "/" + id, "").toString()).isEqualTo("{}");
        refused(404, ABSENT, server.send("GET", MODELS + "/" + id, ""));
        refused(404, ABSENT, server.send("GET", MODELS + "/" + id + "?allow_deleted=false", ""));
        assertThat(id(ok("GET", MODELS + "/" + id + "?allow_deleted=True", "").path("model")))
                .isEqualTo(id);
        refused(400, INVALID, server.send("GET", MODELS + "/" + id + "?allow_deleted=perhaps", ""));
        refused(404, ABSENT, patch(id, "{\"status\":2}"));
    }

    @Test
    void metricsThatNameAModelAreMetricsOfIt() throws IOException, InterruptedException {
        String id = id(created(""));
        String run = run();
        ok(
                "POST",
                API + "runs/log-batch",
                "{\"run_id\":\"" + run
                        + "\",\"metrics\":[{\"key\":\"acc\",\"value\":\"NaN\",\"timestamp\":5,\"step\":\"2\","
                        + "\"model_id\":\"" + id + "\",\"dataset_name\":\"d\",\"dataset_digest\":\"x\"}]}");
        assertThat(read(id).at("/data/metrics").toString())
                .isEqualTo("[{\"key\":\"acc\",\"value\":\"NaN\",\"timestamp\":5,\"step\":2,\"model_id\":\"" + id
                        + "\",\"dataset_name\":\"d\",\"dataset_digest\":\"x\",\"run_id\":\"" + run + "\"}]");
    }

    @Test
    void runsTellWhatTheyReadAndMade() throws IOException, InterruptedException {
        String run = run();
        ok(
                "POST",
                API + "runs/outputs",
                "{\"run_id\":\"" + run + "\",\"models\":[{\"model_id\":\"m-1\",\"step\":\"7\"}]}");
        ok("POST", API + "runs/log-inputs", "{\"run_id\":\"" + run + "\",\"models\":[{\"model_id\":\"m-2\"}]}");
        JsonNode read = ok("GET", API + "runs/get?run_id=" + run, "").path("run");
        assertThat(read.path("outputs").toString())
                .isEqualTo("{\"model_outputs\":[{\"model_id\":\"m-1\",\"step\":7}]}");
        assertThat(read.path("inputs").toString()).isEqualTo("{\"model_inputs\":[{\"model_id\":\"m-2\"}]}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{}", "{\"models\":[]}", "{\"models\":[{\"step\":1}]}", "{\"models\":[{\"model_id\":\"a/b\"}]}"})
    void outputsWithoutAModelAreRefused(String body) throws IOException, InterruptedException {
        String whole = "{\"run_id\":\"" + run() + "\"" + (body.equals("{}") ? "" : ",") + body.substring(1);
        refused(400, INVALID, server.send("POST", API + "runs/outputs", whole));
    }

    @Test
    void aSearchHasPagesAnOrderAndDatasets() throws IOException, InterruptedException {
        String experiment = ok("POST", API + "experiments/create", "{\"name\":\"searched models\"}")
                .path("experiment_id")
                .asText();
        for (String name : List.of("a", "b", "c")) {
            ok("POST", MODELS, "{\"experiment_id\":\"" + experiment + "\",\"name\":\"" + name + "\"}");
        }
        String search = "{\"experiment_ids\":[\"" + experiment
                + "\"],\"max_results\":2,\"order_by\":[{\"field_name\":\"name\",\"ascending\":false}]";
        JsonNode page = ok("POST", MODELS + "/search", search + "}");
        assertThat(page.findValuesAsText("name")).containsExactly("c", "b");
        JsonNode rest = ok(
                "POST",
                MODELS + "/search",
                search + ",\"page_token\":\"" + page.path("next_page_token").asText() + "\"}");
        assertThat(rest.findValuesAsText("name")).containsExactly("a");
        assertThat(rest.has("next_page_token")).isFalse();
        assertThat(ok("POST", MODELS + "/search", search + ",\"datasets\":[{\"dataset_name\":\"d\"}]}")
                        .toString())
                .isEqualTo("{}");
        refused(400, INVALID, server.send("POST", MODELS + "/search", search + ",\"page_token\":\"x\"}"));
        refused(400, INVALID, server.send("POST", MODELS + "/search", search + ",\"datasets\":[{}]}"));
        refused(400, INVALID, server.send("POST", MODELS + "/search", search + ",\"filter\":\"name > 3\"}"));
        refused(
                400,
                INVALID,
                server.send(
                        "POST",
                        MODELS + "/search",
                        "{\"order_by\":[{\"field_name\":\"metrics.a\",\"dataset_digest\":\"d\"}]}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"m-1/nothing", "m-1/artifacts/nothing", "a b", "%2e%2e"})
    void whatIsNeitherAnIdNorARouteIsNoRoute(String path) throws IOException, InterruptedException {
        refused(404, "ENDPOINT_NOT_FOUND", server.send("GET", MODELS + "/" + path.replace(" ", "%20"), ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/2.0/mlflow/logged-models", "/ajax-api/2.0/mlflow/logged-models"})
    void bothPrefixesServe(String prefix) throws IOException, InterruptedException {
        assertThat(ok("GET", prefix + "/" + id(created("")), "").has("model")).isTrue();
    }
}
