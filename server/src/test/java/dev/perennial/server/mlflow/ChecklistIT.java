package dev.perennial.server.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Lines of MLflow's acceptance checklist over HTTP, on both databases; docs/mlflow.md tells which is proven where. */
class ChecklistIT extends BothDatabases {
    private static final int CROWD = 50;

    private static String message(HttpResponse<String> answer) {
        return Json.parse(answer.body()).path("message").asText();
    }

    private static String metric(String key, String value, int at, int step) {
        return "{\"key\":\"" + key + "\",\"value\":" + value + ",\"timestamp\":" + at + ",\"step\":" + step + "}";
    }

    private static String batch(String run, String field, List<String> entries) {
        return "{\"run_id\":\"" + run + "\",\"" + field + "\":[" + String.join(",", entries) + "]}";
    }

    private static String pair(String key, String value) {
        return "{\"key\":\"" + key + "\",\"value\":\"" + value + "\"}";
    }

    private static JsonNode found(RunningServer at, ObjectNode asked, String experiment)
            throws IOException, InterruptedException {
        asked.putArray("experiment_ids").add(experiment);
        return post(at, "runs/search", asked.toString());
    }

    private static List<String> ids(JsonNode page) {
        List<String> ids = new ArrayList<>();
        page.path("runs").forEach(run -> ids.add(run.at("/info/run_id").asText()));
        return ids;
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("both")
    void tenRunsOfOneStartTimeComeByIdOnPagesOfThree(RunningServer at) throws IOException, InterruptedException {
        String experiment = experiment(at, "one start");
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            made.add(run(at, experiment));
        }
        List<String> seen = new ArrayList<>();
        String token = "";
        do {
            JsonNode page = found(at, Json.object().put("max_results", 3).put("page_token", token), experiment);
            seen.addAll(ids(page));
            token = page.path("next_page_token").asText();
        } while (!token.isEmpty());
        assertThat(seen).isEqualTo(made.stream().sorted().toList());
        assertThat(ids(found(at, Json.object(), experiment))).isEqualTo(seen);
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("both")
    void theLatestValueIsTheGreatestByStepTimeAndValue(RunningServer at) throws IOException, InterruptedException {
        String run = run(at, "0");
        post(at, "runs/log-batch", batch(run, "metrics", List.of(metric("a", "1", 5, 2), metric("a", "9", 9, 1))));
        post(at, "runs/log-batch", batch(run, "metrics", List.of(metric("b", "2", 5, 1), metric("b", "1", 5, 1))));
        post(at, "runs/log-batch", batch(run, "metrics", List.of(metric("c", "2", 5, 1), metric("c", "1", 6, 1))));
        JsonNode latest = data(at, run).path("metrics");
        assertThat(List.of(value(latest, "a"), value(latest, "b"), value(latest, "c")))
                .containsExactly("1.0", "2.0", "1.0");
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("both")
    void numbersThatAreNoneAreReadBackAndOrderedLast(RunningServer at) throws IOException, InterruptedException {
        String run = run(at, "0");
        List<String> odd = List.of(
                metric("nan", "\"NaN\"", 1, 1),
                metric("up", "\"Infinity\"", 1, 1),
                metric("down", "\"-Infinity\"", 1, 1));
        post(at, "runs/log-batch", batch(run, "metrics", odd));
        for (List<String> row :
                List.of(List.of("nan", "NaN"), List.of("up", "Infinity"), List.of("down", "-Infinity"))) {
            assertThat(value(data(at, run).path("metrics"), row.getFirst())).isEqualTo(row.getLast());
            assertThat(get(at, "metrics/get-history?run_id=" + run + "&metric_key=" + row.getFirst())
                            .at("/metrics/0/value")
                            .asText())
                    .isEqualTo(row.getLast());
        }
        String experiment = experiment(at, "ordered");
        List<String> runs = new ArrayList<>();
        for (String value : List.of("\"-Infinity\"", "1", "\"Infinity\"", "\"NaN\"", "")) {
            runs.add(run(at, experiment));
            if (!value.isEmpty()) {
                post(at, "runs/log-batch", batch(runs.getLast(), "metrics", List.of(metric("x", value, 1, 1))));
            }
        }
        ObjectNode up = Json.object();
        up.putArray("order_by").add("metrics.x");
        assertThat(ids(found(at, up, experiment))).isEqualTo(runs);
        ObjectNode down = Json.object();
        down.putArray("order_by").add("metrics.x DESC");
        assertThat(ids(found(at, down, experiment)))
                .containsExactly(runs.get(2), runs.get(1), runs.get(0), runs.get(3), runs.get(4));
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("both")
    void ofFiftyWritersOfAParamOneWinsAndNobodyBreaks(RunningServer at)
            throws IOException, InterruptedException, ExecutionException {
        String run = run(at, "0");
        post(at, "runs/log-parameter", "{\"run_id\":\"" + run + "\",\"key\":\"same\",\"value\":\"1\"}");
        List<HttpResponse<String>> answers = atOnce(
                CROWD,
                i -> tried(
                        at,
                        "runs/log-parameter",
                        "{\"run_id\":\"" + run + "\",\"key\":\"p\",\"value\":\"" + i + "\"}"));
        assertThat(answers).extracting(HttpResponse::statusCode).containsOnly(200, 400);
        assertThat(answers).filteredOn(answer -> answer.statusCode() == 200).hasSize(1);
        assertThat(answers)
                .filteredOn(answer -> answer.statusCode() == 400)
                .allSatisfy(answer -> assertThat(message(answer)).startsWith("Changing param values is not allowed."));
        int winner = IntStream.range(0, CROWD)
                .filter(i -> answers.get(i).statusCode() == 200)
                .findFirst()
                .orElseThrow();
        assertThat(value(data(at, run).path("params"), "p")).isEqualTo(String.valueOf(winner));
        assertThat(atOnce(
                        CROWD,
                        i -> tried(
                                at,
                                "runs/log-parameter",
                                "{\"run_id\":\"" + run + "\",\"key\":\"same\",\"value\":\"1\"}")))
                .extracting(HttpResponse::statusCode)
                .containsOnly(200);
    }

    /** What many clients ask at the same time. */
    private interface Ask {
        HttpResponse<String> by(int client) throws IOException, InterruptedException;
    }

    private static List<HttpResponse<String>> atOnce(int clients, Ask ask)
            throws InterruptedException, ExecutionException {
        List<HttpResponse<String>> answers = new ArrayList<>();
        try (var threads = Executors.newFixedThreadPool(clients)) {
            List<Callable<HttpResponse<String>>> work = IntStream.range(0, clients)
                    .mapToObj(i -> (Callable<HttpResponse<String>>) () -> ask.by(i))
                    .toList();
            for (Future<HttpResponse<String>> done : threads.invokeAll(work)) {
                answers.add(done.get());
            }
        }
        return answers;
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("both")
    void aBatchWithOneBadEntryWritesNothing(RunningServer at) throws IOException, InterruptedException {
        String run = run(at, "0");
        List<List<String>> bad = List.of(
                List.of("metrics", metric("good", "1", 1, 1), metric("a//b", "1", 1, 1)),
                List.of("metrics", metric("good", "1", 1, 1), metric("m", "\"x\"", 1, 1)),
                List.of("params", pair("good", "1"), pair("p".repeat(251), "1")),
                List.of("params", pair("good", "1"), pair("good", "1")),
                List.of("tags", pair("good", "1"), "{\"key\":\"t\",\"value\":5}"));
        for (List<String> row : bad) {
            refused(400, INVALID, tried(at, "runs/log-batch", batch(run, row.getFirst(), row.subList(1, row.size()))));
        }
        List<String> tooMany = IntStream.range(0, 1001)
                .mapToObj(i -> metric("m" + i, "1", 1, 1))
                .toList();
        refused(400, INVALID, tried(at, "runs/log-batch", batch(run, "metrics", tooMany)));
        List<String> params =
                IntStream.range(0, 101).mapToObj(i -> pair("p" + i, "1")).toList();
        refused(400, INVALID, tried(at, "runs/log-batch", batch(run, "params", params)));
        refused(400, INVALID, tried(at, "runs/log-batch", batch(run, "tags", params)));
        JsonNode data = data(at, run);
        assertThat(data.has("metrics") || data.has("params")).isFalse();
        assertThat(value(data.path("tags"), "good")).isEmpty();
        post(at, "runs/log-batch", batch(run, "metrics", tooMany.subList(0, 1000)));
        post(at, "runs/log-batch", batch(run, "params", params.subList(0, 100)));
        assertThat(data(at, run).path("metrics")).hasSize(1000);
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("both")
    void namesArePathsInNormalForm(RunningServer at) throws IOException, InterruptedException {
        String run = run(at, "0");
        for (String name : List.of("a/b", "a.b-c d:e", "größe", "a/..b", ".a..", "a".repeat(250))) {
            post(at, "runs/log-batch", batch(run, "metrics", List.of(metric(name, "1", 1, 1))));
            post(
                    at,
                    "runs/log-parameter",
                    "{\"run_id\":\"" + run + "\"," + pair(name, "v").substring(1));
            post(
                    at,
                    "runs/set-tag",
                    "{\"run_id\":\"" + run + "\"," + pair(name, "v").substring(1));
            assertThat(value(data(at, run).path("metrics"), name)).as(name).isEqualTo("1.0");
            assertThat(value(data(at, run).path("params"), name)).as(name).isEqualTo("v");
            assertThat(value(data(at, run).path("tags"), name)).as(name).isEqualTo("v");
        }
        for (String name : List.of("a//b", "/a", "../a", "a/./b", ".", "..", "a/", "a/../b", "a*b", "a".repeat(251))) {
            refused(400, INVALID, tried(at, "runs/log-batch", batch(run, "metrics", List.of(metric(name, "1", 1, 1)))));
            refused(
                    400,
                    INVALID,
                    tried(
                            at,
                            "runs/log-parameter",
                            "{\"run_id\":\"" + run + "\"," + pair(name, "v").substring(1)));
            refused(
                    400,
                    INVALID,
                    tried(
                            at,
                            "runs/set-tag",
                            "{\"run_id\":\"" + run + "\"," + pair(name, "v").substring(1)));
        }
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("both")
    void valuesOverTheLimitAreCutByCharacters(RunningServer at) throws IOException, InterruptedException {
        String run = run(at, "0");
        post(
                at,
                "runs/log-batch",
                batch(run, "params", List.of(pair("p", "ü".repeat(6001)), pair("q", "ü".repeat(6000)))));
        post(at, "runs/log-batch", batch(run, "tags", List.of(pair("t", "😀".repeat(8001)))));
        JsonNode data = data(at, run);
        assertThat(value(data.path("params"), "p")).isEqualTo("ü".repeat(6000));
        assertThat(value(data.path("params"), "q")).isEqualTo("ü".repeat(6000));
        String tag = value(data.path("tags"), "t");
        assertThat(tag.codePoints().filter(c -> c != 0x1F600).count()).isZero();
        assertThat(tag.codePointCount(0, tag.length())).isEqualTo(8000);
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("both")
    void aDeletedExperimentHidesItsRunsKeepsItsNameAndComesBack(RunningServer at)
            throws IOException, InterruptedException {
        String experiment = experiment(at, "put away");
        String run = run(at, experiment);
        String id = body("experiment_id", experiment);
        post(at, "experiments/delete", id);
        assertThat(ids(found(at, Json.object(), experiment))).isEmpty();
        assertThat(ids(found(at, Json.object().put("run_view_type", "DELETED_ONLY"), experiment)))
                .containsExactly(run);
        refused(400, "RESOURCE_ALREADY_EXISTS", tried(at, "experiments/create", body("name", "put away")));
        refused(400, INVALID, tried(at, "runs/create", id));
        refused(404, ABSENT, tried(at, "experiments/delete", id));
        post(at, "experiments/restore", id);
        refused(404, ABSENT, tried(at, "experiments/restore", id));
        assertThat(ids(found(at, Json.object(), experiment))).containsExactly(run);
        post(at, "runs/set-tag", body("run_id", run, "key", "back", "value", "1"));
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("both")
    void everyWriteOnADeletedRunIsRefused(RunningServer at) throws IOException, InterruptedException {
        String run = run(at, "0");
        post(at, "runs/set-tag", body("run_id", run, "key", "k", "value", "1"));
        String before = data(at, run).toString();
        post(at, "runs/delete", body("run_id", run));
        String everything = "{\"run_id\":\"" + run + "\",\"key\":\"k\",\"value\":\"2\",\"timestamp\":1,\"status\":3,"
                + "\"metrics\":[" + metric("m", "1", 1, 1)
                + "],\"datasets\":[{\"dataset\":{\"name\":\"d\",\"digest\":\"1\","
                + "\"source_type\":\"t\",\"source\":\"s\"}}],\"models\":[{\"model_id\":\"m-1\",\"step\":1}],"
                + "\"model_json\":\"{\\\"artifact_path\\\":\\\"m\\\",\\\"flavors\\\":{},\\\"utc_time_created\\\":\\\"x\\\","
                + "\\\"run_id\\\":\\\"" + run + "\\\"}\"}";
        for (String call : List.of(
                "log-metric",
                "log-parameter",
                "set-tag",
                "delete-tag",
                "log-batch",
                "update",
                "log-inputs",
                "outputs",
                "log-model")) {
            refused(400, INVALID, tried(at, "runs/" + call, everything));
        }
        refused(
                400,
                INVALID,
                at.send(
                        "POST",
                        "/ajax-api/2.0/mlflow/upload-artifact?path=f&run_uuid=" + run,
                        "x",
                        "Content-Type",
                        "a/b"));
        post(at, "runs/restore", body("run_id", run));
        assertThat(data(at, run)).hasToString(before);
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("both")
    void theClauseThatClientsAddHidesPromptsAlone(RunningServer at) throws IOException, InterruptedException {
        post(at, "registered-models/create", body("name", "ordinary"));
        post(
                at,
                "registered-models/create",
                "{\"name\":\"prompted\",\"tags\":[{\"key\":\"mlflow.prompt.is_prompt\",\"value\":\"true\"}]}");
        String key = "filter=tag.%60mlflow.prompt.is_prompt%60%20";
        for (String filter : List.of("", key + "!%3D%20'true'", key + "%3D%20'false'")) {
            assertThat(get(at, "registered-models/search?" + filter).path("registered_models"))
                    .extracting(model -> model.path("name").asText())
                    .contains("ordinary")
                    .doesNotContain("prompted");
        }
        assertThat(get(at, "registered-models/search?" + key + "%3D%20'true'").path("registered_models"))
                .extracting(model -> model.path("name").asText())
                .containsExactly("prompted");
    }

    private static String version(RunningServer at, String name) throws IOException, InterruptedException {
        return post(at, "model-versions/create", body("name", name, "source", "s3://bucket/model"))
                .at("/model_version/version")
                .asText();
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("both")
    void versionsAreNumberedWithoutHolesAndNeverTwice(RunningServer at)
            throws IOException, InterruptedException, ExecutionException {
        post(at, "registered-models/create", body("name", "numbered"));
        List<HttpResponse<String>> answers = atOnce(
                20, i -> tried(at, "model-versions/create", body("name", "numbered", "source", "s3://bucket/" + i)));
        Set<Integer> numbers = answers.stream()
                .map(answer ->
                        Json.parse(answer.body()).at("/model_version/version").asInt())
                .collect(Collectors.toCollection(LinkedHashSet::new));
        assertThat(numbers)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.rangeClosed(1, 20).boxed().toList());
        HttpResponse<String> deleted =
                at.send("DELETE", API + "model-versions/delete", body("name", "numbered", "version", "20"));
        assertThat(deleted.statusCode()).isEqualTo(200);
        assertThat(version(at, "numbered")).isEqualTo("21");
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("both")
    void anAliasMovesAndSomeNamesAreReserved(RunningServer at) throws IOException, InterruptedException {
        post(at, "registered-models/create", body("name", "aliased"));
        version(at, "aliased");
        version(at, "aliased");
        String best = API + "registered-models/alias?name=aliased&alias=best";
        refused(400, INVALID, at.send("GET", best, ""));
        for (String number : List.of("1", "2")) {
            post(at, "registered-models/alias", body("name", "aliased", "alias", "best", "version", number));
            assertThat(Json.parse(at.send("GET", best, "").body())
                            .at("/model_version/version")
                            .asText())
                    .isEqualTo(number);
        }
        for (String reserved : List.of("latest", "LATEST", "v1", "V12", "a b", "", "x".repeat(256))) {
            refused(
                    400,
                    INVALID,
                    tried(at, "registered-models/alias", body("name", "aliased", "alias", reserved, "version", "1")));
        }
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("both")
    void sourcesThatLeadElsewhereAreRefusedAndChainsEndAtTheFirstPlace(RunningServer at)
            throws IOException, InterruptedException {
        String run = run(at, "0");
        String foreign = run(at, "0");
        post(at, "registered-models/create", body("name", "sourced"));
        String place = "mlflow-artifacts:/0/" + run + "/artifacts";
        for (String source : List.of(
                "/etc/passwd",
                "file:///etc/passwd",
                "runs:/" + foreign + "/model",
                place + "/../../x",
                place + "/..%2f..%2fx",
                place + "/%252e%252e/x",
                place + "/a%00b",
                "models:/sourced/9",
                "models:/none/1",
                "http://127.0.0.1/x")) {
            refused(
                    400,
                    INVALID,
                    tried(at, "model-versions/create", body("name", "sourced", "source", source, "run_id", run)));
        }
        post(at, "model-versions/create", body("name", "sourced", "source", place + "/model", "run_id", run));
        for (String hop : List.of("hop", "last")) {
            post(at, "registered-models/create", body("name", hop));
            String source = hop.equals("hop") ? "models:/sourced/1" : "models:/hop/1";
            JsonNode made = post(at, "model-versions/create", body("name", hop, "source", source));
            assertThat(made.at("/model_version/source").asText()).isEqualTo(source);
        }
        assertThat(get(at, "model-versions/get-download-uri?name=last&version=1")
                        .path("artifact_uri")
                        .asText())
                .isEqualTo(place + "/model");
    }

    @ParameterizedTest(autoCloseArguments = false)
    @MethodSource("both")
    void aTransitionThatArchivesLeavesOneInTheStage(RunningServer at) throws IOException, InterruptedException {
        post(at, "registered-models/create", body("name", "staged"));
        for (String number : List.of("1", "2", "3")) {
            version(at, "staged");
            post(
                    at,
                    "model-versions/transition-stage",
                    "{\"name\":\"staged\",\"version\":\"" + number
                            + "\",\"stage\":\"production\",\"archive_existing_versions\":" + number.equals("3") + "}");
        }
        List<String> stages = new ArrayList<>();
        for (String number : List.of("1", "2", "3")) {
            stages.add(get(at, "model-versions/get?name=staged&version=" + number)
                    .at("/model_version/current_stage")
                    .asText());
        }
        assertThat(stages).containsExactly("Archived", "Archived", "Production");
    }
}
