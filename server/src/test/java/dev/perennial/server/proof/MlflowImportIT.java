package dev.perennial.server.proof;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A whole MLflow server comes over, compared answer by answer. The tests go on from one another. */
@ExtendWith(Distribution.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MlflowImportIT {
    private static final int RUNS = 3000;
    private static final int ALL = RUNS + 3;
    private static final String API = "/api/2.0/mlflow/";

    @TempDir
    private static Path folder;

    private static RealMlflow mlflow;
    private static Installation installation;
    private static String full;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        mlflow = RealMlflow.start(folder);
        full = mlflow.seed(RUNS);
        installation = Installation.start(folder);
    }

    @AfterAll
    static void end() {
        if (installation != null) {
            installation.close();
        }
        if (mlflow != null) {
            mlflow.close();
        }
    }

    private static CommandLineRun imported(String from) {
        return CommandLineRun.of(
                folder,
                "import",
                "mlflow",
                "--from",
                from,
                "--data-dir",
                installation.data().toString(),
                "--output",
                "json");
    }

    private static JsonNode search(Web web, String call, String body) throws IOException {
        return web.post(API + call, body).json();
    }

    /** All runs of both stages by id, each with its lists in one order and without what differs between two servers. */
    private static Map<String, JsonNode> runs(Web web, JsonNode experiments) throws IOException {
        Map<String, JsonNode> runs = new TreeMap<>();
        for (JsonNode experiment : experiments.path("experiments")) {
            String token = "";
            do {
                JsonNode page = search(
                        web,
                        "runs/search",
                        "{\"experiment_ids\":[\""
                                + experiment.path("experiment_id").asText()
                                + "\"],\"run_view_type\":\"ALL\",\"max_results\":1000,\"page_token\":\"" + token
                                + "\"}");
                page.path("runs").forEach(run -> runs.put(run.at("/info/run_id").asText(), compared(run)));
                token = page.path("next_page_token").asText("");
            } while (!token.isEmpty());
        }
        return runs;
    }

    private static ObjectNode compared(JsonNode run) {
        ObjectNode node = Json.object();
        for (String name : List.of("run_id", "experiment_id", "run_name", "user_id", "status", "lifecycle_stage")) {
            node.set(name, run.at("/info/" + name));
        }
        node.put("start_time", run.at("/info/start_time").asLong())
                .put("end_time", run.at("/info/end_time").asLong())
                .put("metrics", sorted(run.at("/data/metrics")))
                .put("params", sorted(run.at("/data/params")))
                .put("tags", sorted(run.at("/data/tags")))
                .put("inputs", run.at("/inputs/dataset_inputs").size());
        return node;
    }

    private static String sorted(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(item -> item.path("key").asText() + "="
                        + item.path("value").asText() + "@" + item.path("step").asLong() + "/"
                        + item.path("timestamp").asLong())
                .sorted()
                .toList()
                .toString();
    }

    @Test
    @Order(1)
    void everythingComesAndIsCounted() throws IOException {
        CommandLineRun run = imported(mlflow.address());
        assertThat(run.exit()).as(run.err()).isZero();
        JsonNode report = Json.parse(run.out());
        assertThat(report.at("/taken/experiments").asInt()).isEqualTo(3);
        assertThat(report.at("/taken/runs").asInt()).isEqualTo(ALL);
        assertThat(report.at("/taken/metric values").asInt()).isEqualTo(RUNS * 6 + 30_005);
        assertThat(report.at("/taken/artifact files").asInt()).isEqualTo(3);
        assertThat(report.at("/different")).isEmpty();
        assertThat(report.at("/notTaken").toString()).contains("traces", "users");
        assertThat(run.err())
                .contains("3 experiments and " + ALL + " runs; no collisions")
                .contains(ALL + " of " + ALL);
    }

    @Test
    @Order(2)
    void everyRunAnswersAsItDidThere() throws IOException {
        JsonNode experiments =
                search(mlflow.web(), "experiments/search", "{\"max_results\":1000,\"view_type\":\"ALL\"}");
        Map<String, JsonNode> there = runs(mlflow.web(), experiments);
        assertThat(there).hasSize(ALL);
        assertThat(runs(installation.web(), experiments)).isEqualTo(there);
    }

    @Test
    @Order(2)
    void everyExperimentAnswersAsItDidThere() throws IOException {
        String body = "{\"max_results\":1000,\"view_type\":\"ALL\",\"order_by\":[\"experiment_id\"]}";
        assertThat(experiments(search(installation.web(), "experiments/search", body)))
                .isEqualTo(experiments(search(mlflow.web(), "experiments/search", body)));
    }

    private static List<String> experiments(JsonNode found) {
        return StreamSupport.stream(found.path("experiments").spliterator(), false)
                .map(one -> one.path("experiment_id").asText()
                        + one.path("name")
                        + one.path("lifecycle_stage")
                        + one.path("creation_time").asLong()
                        + one.path("last_update_time").asLong()
                        + one.path("tags"))
                .toList();
    }

    @Test
    @Order(2)
    void aLongHistoryIsThePointsThatItWas() throws IOException {
        String path = API + "metrics/get-history?metric_key=long&run_id=" + full;
        JsonNode there = mlflow.web().get(path).json().path("metrics");
        JsonNode here = installation.web().get(path).json().path("metrics");
        assertThat(here).hasSize(30_000);
        assertThat(sorted(here)).isEqualTo(sorted(there));
    }

    @Test
    @Order(2)
    void anArtifactIsTheBytesThatItWas() throws IOException {
        String path = "/get-artifact?path=in%2Fdeep%20er%2F%C3%A4%20b.bin&run_uuid=" + full;
        Web.Answer here = installation.web().get(path);
        assertThat(here.status()).isEqualTo(200);
        assertThat(here.body()).isEqualTo(mlflow.web().get(path).body());
    }

    @Test
    @Order(3)
    void aSecondImportChangesNothing() {
        CommandLineRun run = imported(mlflow.address() + "/");
        assertThat(run.exit()).as(run.err()).isZero();
        JsonNode report = Json.parse(run.out());
        assertThat(report.at("/taken/runs").asInt()).isZero();
        assertThat(report.at("/taken/runs that were here already").asInt()).isEqualTo(ALL);
    }

    @Test
    @Order(3)
    void anotherSourceWithTheSameIdsIsRefused() {
        CommandLineRun run = imported("http://localhost:" + mlflow.port());
        assertThat(run.exit()).isEqualTo(6);
        assertThat(run.err())
                .contains("nothing was imported, because " + (ALL + 3) + " things are in the way")
                .contains("did not come from http://localhost:" + mlflow.port());
    }

    @Test
    @Order(3)
    void anAddressWithoutAServerIsToldPlainly() {
        CommandLineRun run = imported("http://127.0.0.1:1");
        assertThat(run.exit()).isEqualTo(69);
        assertThat(run.err()).contains("the MLflow server http://127.0.0.1:1");
    }
}
