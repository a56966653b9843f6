package dev.perennial.server.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The registry on MLflow's wire: shapes, both prefixes, bodies with DELETE and PATCH, and what every refusal says. */
class RegistryWireIT extends MlflowFixture {
    private static final String INVALID = "INVALID_PARAMETER_VALUE";
    private static final String MODELS = API + "registered-models/";
    private static final String VERSIONS = API + "model-versions/";

    private static String body(String... pairs) {
        ObjectNode node = Json.object();
        for (int i = 0; i < pairs.length; i += 2) {
            node.put(pairs[i], pairs[i + 1]);
        }
        return node.toString();
    }

    private static JsonNode model(String name) throws IOException, InterruptedException {
        return ok("POST", MODELS + "create", body("name", name)).path("registered_model");
    }

    private static JsonNode version(String name) throws IOException, InterruptedException {
        return ok("POST", VERSIONS + "create", body("name", name, "source", "s3://bucket/" + name))
                .path("model_version");
    }

    private static String query(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String message(HttpResponse<String> response) {
        return Json.parse(response.body()).path("message").asText();
    }

    @Test
    void aModelHasTheShapeThatClientsRead() throws IOException, InterruptedException {
        JsonNode made = ok(
                        "POST",
                        "/ajax-api/2.0/mlflow/registered-models/create",
                        "{\"name\":\"shape\",\"description\":\"\",\"tags\":[{\"key\":\"k\",\"value\":\"\"}]}")
                .path("registered_model");
        assertThat(made.path("creation_timestamp").isIntegralNumber()).isTrue();
        assertThat(made.path("last_updated_timestamp")).isEqualTo(made.path("creation_timestamp"));
        assertThat(made.path("description").textValue()).isEmpty();
        assertThat(made.path("tags").toString()).isEqualTo("[{\"key\":\"k\",\"value\":\"\"}]");
        assertThat(made.has("latest_versions")).as("empty lists are left out").isFalse();
        assertThat(ok("GET", MODELS + "get?name=shape", "").path("registered_model"))
                .isEqualTo(made);
    }

    @Test
    void aVersionHasTheShapeThatClientsRead() throws IOException, InterruptedException {
        model("vshape");
        String run = run();
        JsonNode made = ok(
                        "POST",
                        VERSIONS + "create",
                        "{\"name\":\"vshape\",\"source\":\"s3://b/m\",\"runId\":\"" + run
                                + "\",\"run_link\":\"http://x\",\"tags\":[{\"key\":\"k\",\"value\":\"v\"}]}")
                .path("model_version");
        assertThat(made.path("version").textValue()).isEqualTo("1");
        assertThat(made.path("status").textValue()).isEqualTo("READY");
        assertThat(made.path("current_stage").textValue()).isEqualTo("None");
        assertThat(made.path("run_id").textValue()).isEqualTo(run);
        assertThat(made.path("creation_timestamp").isIntegralNumber()).isTrue();
        assertThat(ok("GET", VERSIONS + "get?name=vshape&version=1", "").path("model_version"))
                .isEqualTo(made);
        assertThat(ok("GET", MODELS + "get?name=vshape", "").at("/registered_model/latest_versions/0"))
                .isEqualTo(made);
        ok("POST", MODELS + "alias", body("name", "vshape", "alias", "best", "version", "1"));
        assertThat(ok("GET", MODELS + "alias?name=vshape&alias=best", "")
                        .at("/model_version/aliases/0")
                        .textValue())
                .isEqualTo("best");
        assertThat(ok("GET", MODELS + "get?name=vshape", "")
                        .at("/registered_model/aliases")
                        .toString())
                .isEqualTo("[{\"alias\":\"best\",\"version\":\"1\"}]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "POST | registered-models/create | {} | 'name'",
                "POST | registered-models/create | {\"name\":\"\"} | 'name'",
                "POST | registered-models/create | {\"name\":5} | 'name'",
                "POST | registered-models/create | {\"name\":\"a/b\"} | cannot contain '/' or ':'",
                "POST | registered-models/create | {\"name\":\"x\",\"tags\":[{\"key\":\"k\"}]} | 'tags[0].value'",
                "GET | registered-models/get | | 'name'",
                "PATCH | registered-models/update | {} | 'name'",
                "POST | registered-models/rename | {\"name\":\"a\"} | 'new_name'",
                "DELETE | registered-models/delete | {} | 'name'",
                "POST | registered-models/set-tag | {\"name\":\"a\",\"key\":\"k\"} | 'value'",
                "POST | registered-models/alias | {\"name\":\"a\",\"alias\":\"b\"} | 'version'",
                "POST | registered-models/alias | {\"name\":\"a\",\"alias\":\"b\",\"version\":1} | 'version'",
                "POST | registered-models/get-latest-versions | {\"name\":\"a\",\"stages\":\"x\"} | 'stages'",
                "POST | registered-models/get-latest-versions | {\"name\":\"a\",\"stages\":[\"x\"]} | Invalid Model Version stage: x",
                "GET | registered-models/search?max_results=1001 | | 'max_results'",
                "GET | registered-models/search?max_results=0 | | 'max_results'",
                "GET | registered-models/search?filter=x | | filter",
                "GET | registered-models/search?page_token=x | | page token",
                "GET | registered-models/alias?name=a | | 'alias'",
                "POST | model-versions/create | {\"name\":\"a\"} | 'source'",
                "POST | model-versions/create | {\"name\":\"a\",\"source\":\"file:///etc\"} | Invalid model version source",
                "GET | model-versions/get?name=a&version=x | | 'version' must be an integer",
                "GET | model-versions/get?name=a | | 'version'",
                "GET | model-versions/search?max_results=200001 | | 'max_results'",
                "POST | model-versions/transition-stage | {\"name\":\"a\",\"version\":\"1\",\"stage\":\"Staging\"} | 'archive_existing_versions'",
                "POST | model-versions/transition-stage | {\"name\":\"a\",\"version\":\"1\",\"stage\":\"Prod\",\"archive_existing_versions\":false} | stage: Prod",
                "POST | model-versions/transition-stage | {\"name\":\"a\",\"version\":\"1\",\"stage\":\"None\",\"archive_existing_versions\":true} | Active stage",
            })
    void aMistakeIsAnsweredWithItsPlace(String method, String call, String body, String place)
            throws IOException, InterruptedException {
        HttpResponse<String> response = server.send(method, API + call, body == null ? "" : body);
        refused(400, INVALID, response);
        assertThat(message(response)).contains(place);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "GET | registered-models/get?name=absent | ",
                "PATCH | registered-models/update | {\"name\":\"absent\"}",
                "POST | registered-models/rename | {\"name\":\"absent\",\"new_name\":\"x\"}",
                "DELETE | registered-models/delete | {\"name\":\"absent\"}",
                "DELETE | registered-models/delete-tag | {\"name\":\"absent\",\"key\":\"k\"}",
                "DELETE | registered-models/alias | {\"name\":\"absent\",\"alias\":\"k\"}",
                "POST | registered-models/get-latest-versions | {\"name\":\"absent\"}",
                "GET | registered-models/get-latest-versions?name=absent | ",
                "POST | model-versions/create | {\"name\":\"absent\",\"source\":\"s3://b/m\"}",
                "GET | model-versions/get?name=absent&version=1 | ",
                "GET | model-versions/get-download-uri?name=absent&version=1 | ",
                "PATCH | model-versions/update | {\"name\":\"absent\",\"version\":\"1\"}",
                "DELETE | model-versions/delete | {\"name\":\"absent\",\"version\":\"1\"}",
                "POST | model-versions/set-tag | {\"name\":\"absent\",\"version\":\"1\",\"key\":\"k\",\"value\":\"v\"}",
                "DELETE | model-versions/delete-tag | {\"name\":\"absent\",\"version\":\"1\",\"key\":\"k\"}",
            })
    void whatIsNotThereIsNotFound(String method, String call, String body) throws IOException, InterruptedException {
        refused(404, "RESOURCE_DOES_NOT_EXIST", server.send(method, API + call, body == null ? "" : body));
    }

    @Test
    void aTakenNameHasTheCodeThatClientsWaitFor() throws IOException, InterruptedException {
        model("taken");
        refused(400, "RESOURCE_ALREADY_EXISTS", server.send("POST", MODELS + "create", body("name", "taken")));
        model("other");
        refused(
                400,
                "RESOURCE_ALREADY_EXISTS",
                server.send("POST", MODELS + "rename", body("name", "other", "new_name", "taken")));
    }

    @Test
    void bodiesOfDeleteAndPatchAreReadAndQueriesToo() throws IOException, InterruptedException {
        model("bodies");
        version("bodies");
        ok("PATCH", VERSIONS + "update", body("name", "bodies", "version", "1", "description", "told"));
        ok("PATCH", MODELS + "update", body("name", "bodies", "description", "too"));
        assertThat(ok("GET", MODELS + "get?name=bodies", "")
                        .at("/registered_model/description")
                        .textValue())
                .isEqualTo("too");
        ok("POST", VERSIONS + "set-tag", body("name", "bodies", "version", "1", "key", "a b", "value", "1"));
        ok("DELETE", VERSIONS + "delete-tag?name=bodies&version=1&key=" + query("a b"), "");
        assertThat(ok("GET", VERSIONS + "get?name=bodies&version=1", "")
                        .path("model_version")
                        .has("tags"))
                .isFalse();
        ok("DELETE", VERSIONS + "delete", body("name", "bodies", "version", "1"));
        ok("DELETE", "/ajax-api/2.0/mlflow/registered-models/delete", body("name", "bodies"));
        refused(404, "RESOURCE_DOES_NOT_EXIST", server.send("GET", MODELS + "get?name=bodies", ""));
    }

    @Test
    void anAliasThatIsNotThereIsAMistakeAndNotMissing() throws IOException, InterruptedException {
        model("aliased");
        version("aliased");
        refused(400, INVALID, server.send("GET", MODELS + "alias?name=aliased&alias=none", ""));
        HttpResponse<String> reserved =
                server.send("POST", MODELS + "alias", body("name", "aliased", "alias", "Latest", "version", "1"));
        refused(400, INVALID, reserved);
        assertThat(message(reserved)).contains("reserved");
        refused(
                404,
                "RESOURCE_DOES_NOT_EXIST",
                server.send("POST", MODELS + "alias", body("name", "aliased", "alias", "a", "version", "7")));
        ok("DELETE", MODELS + "alias", body("name", "aliased", "alias", "none"));
        assertThat(ok("GET", MODELS + "alias?name=aliased&alias=latest", "")
                        .at("/model_version/version")
                        .textValue())
                .isEqualTo("1");
    }

    @Test
    void latestVersionsComeByStageFromBothMethods() throws IOException, InterruptedException {
        model("staged");
        version("staged");
        version("staged");
        ok(
                "POST",
                VERSIONS + "transition-stage",
                "{\"name\":\"staged\",\"version\":\"1\",\"stage\":\"production\",\"archive_existing_versions\":false}");
        assertThat(ok("GET", MODELS + "get-latest-versions?name=staged&stages=Production&stages=archived", "")
                        .path("model_versions"))
                .hasSize(1);
        assertThat(ok("POST", MODELS + "get-latest-versions", "{\"name\":\"staged\",\"stages\":[]}")
                        .path("model_versions"))
                .hasSize(2);
        JsonNode moved = ok(
                "POST",
                VERSIONS + "transition-stage",
                "{\"name\":\"staged\",\"version\":\"2\",\"stage\":\"Production\",\"archiveExistingVersions\":\"TRUE\"}");
        assertThat(moved.at("/model_version/current_stage").textValue()).isEqualTo("Production");
        assertThat(ok("GET", VERSIONS + "get?name=staged&version=1", "")
                        .at("/model_version/current_stage")
                        .textValue())
                .isEqualTo("Archived");
    }

    @Test
    void twentyClientsAtOnceGetTheNumbersFromOneToTwenty()
            throws IOException, InterruptedException, ExecutionException {
        model("crowd");
        List<Integer> numbers = new ArrayList<>();
        try (var threads = Executors.newFixedThreadPool(20)) {
            List<Callable<Integer>> work = IntStream.range(0, 20)
                    .mapToObj(i -> (Callable<Integer>) () ->
                            Integer.valueOf(version("crowd").path("version").asText()))
                    .toList();
            for (Future<Integer> done : threads.invokeAll(work)) {
                numbers.add(done.get());
            }
        }
        assertThat(numbers)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.rangeClosed(1, 20).boxed().toList());
    }

    @Test
    void searchesArePagedAndHidePrompts() throws IOException, InterruptedException {
        for (int i = 0; i < 5; i++) {
            model("page-" + i);
        }
        ok(
                "POST",
                MODELS + "create",
                "{\"name\":\"page-prompt\",\"tags\":[{\"key\":\"mlflow.prompt.is_prompt\",\"value\":\"true\"}]}");
        String filter = query("name LIKE 'page-%' AND tag.`mlflow.prompt.is_prompt` != 'true'");
        List<String> names = new ArrayList<>();
        String token = "";
        do {
            JsonNode page = ok(
                    "GET",
                    MODELS + "search?max_results=2&filter=" + filter + "&order_by=" + query("name DESC")
                            + "&page_token=" + query(token),
                    "");
            page.path("registered_models")
                    .forEach(model -> names.add(model.path("name").asText()));
            token = page.path("next_page_token").asText();
        } while (!token.isEmpty());
        assertThat(names).containsExactly("page-4", "page-3", "page-2", "page-1", "page-0");
        assertThat(ok("GET", MODELS + "search?filter=" + query("name = 'page-prompt'"), ""))
                .isEmpty();
    }

    @Test
    void aFileOfAVersionIsSentFromWhereTheVersionLeads() throws IOException, InterruptedException {
        String run = run();
        server.send("PUT", "/api/2.0/mlflow-artifacts/artifacts/0/" + run + "/artifacts/model/MLmodel", "flavors: {}");
        model("files");
        ok("POST", VERSIONS + "create", body("name", "files", "run_id", run, "source", "runs:/" + run + "/model"));
        model("copied");
        ok("POST", VERSIONS + "create", body("name", "copied", "source", "models:/files/1"));
        assertThat(ok("GET", VERSIONS + "get-download-uri?name=copied&version=1", "")
                        .path("artifact_uri")
                        .textValue())
                .isEqualTo("mlflow-artifacts:/0/" + run + "/artifacts/model");
        for (String prefix : List.of("", "/ajax-api/2.0/mlflow")) {
            HttpResponse<String> file =
                    server.send("GET", prefix + "/model-versions/get-artifact?name=copied&version=1&path=MLmodel", "");
            assertThat(file.body()).isEqualTo("flavors: {}");
            assertThat(file.headers().firstValue("Content-Disposition").orElse(""))
                    .startsWith("attachment");
        }
        assertThat(raw("GET //model-versions/get-artifact?name=copied&version=1&path=MLmodel"))
                .startsWith("HTTP/1.1 200");
        for (String path : List.of("../MLmodel", "%2e%2e/x", "..%252fx", "/etc/passwd")) {
            assertThat(raw("GET /model-versions/get-artifact?name=copied&version=1&path=" + path))
                    .startsWith("HTTP/1.1 400")
                    .contains("\"message\":\"Invalid path\"");
        }
        refused(
                404,
                "RESOURCE_DOES_NOT_EXIST",
                server.send("GET", "/model-versions/get-artifact?name=copied&version=1&path=none", ""));
        version("copied");
        refused(
                404,
                "RESOURCE_DOES_NOT_EXIST",
                server.send("GET", "/model-versions/get-artifact?name=copied&version=2&path=MLmodel", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"registered-models/get", "registered-models/rename", "model-versions/delete"})
    void otherMethodsOfTheRoutesAreUnknown(String call) throws IOException, InterruptedException {
        refused(404, "ENDPOINT_NOT_FOUND", server.send("PUT", API + call, "{}"));
    }
}
