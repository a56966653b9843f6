package dev.perennial.server.proof;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
    private static final int RUNS = 2000;
    private static final int ALL = RUNS + 4;
    private static final String RISK = "risk's \"best\" ü";
    private static final String API = "/api/2.0/mlflow/";

    @TempDir
    private static Path folder;

    private static RealMlflow mlflow;
    private static Installation installation;
    private static String full;
    private static JsonNode report;

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
                "--server",
                "http://127.0.0.1:" + installation.port(),
                "--output",
                "json");
    }

    private static MlflowContent there() {
        return new MlflowContent(mlflow.web());
    }

    private static MlflowContent here() {
        return new MlflowContent(installation.web());
    }

    @Test
    @Order(1)
    void everythingComesAndIsCounted() throws IOException {
        CommandLineRun run = imported(mlflow.address());
        assertThat(run.exit()).as(run.err()).isZero();
        report = Json.parse(run.out());
        assertThat(report.at("/taken/experiments").asInt()).isEqualTo(4);
        assertThat(report.at("/taken/runs").asInt()).isEqualTo(ALL);
        assertThat(report.at("/taken/metric values").asInt()).isEqualTo(RUNS * 6 + 30_007);
        assertThat(report.at("/taken/logged models").asInt()).isEqualTo(2);
        assertThat(report.at("/taken/logged model values").asInt()).isEqualTo(2);
        assertThat(report.at("/taken/registered models").asInt()).isEqualTo(3);
        assertThat(report.at("/taken/model versions").asInt()).isEqualTo(5);
        assertThat(report.at("/taken/aliases").asInt()).isEqualTo(3);
        assertThat(report.at("/taken/frozen files").asInt()).isEqualTo(3);
        assertThat(report.at("/taken/artifact files").asInt()).isEqualTo(5);
        assertThat(report.at("/different")).isEmpty();
        assertThat(report.at("/notTaken").toString()).contains("traces", "users");
        assertThat(run.err())
                .contains("4 experiments and " + ALL + " runs; no collisions")
                .contains(ALL + " of " + ALL);
    }

    @Test
    @Order(2)
    void everyRunAnswersAsItDidThere() throws IOException {
        Map<String, JsonNode> runs = there().runs();
        assertThat(runs).hasSize(ALL);
        Map<String, JsonNode> came = here().runs();
        assertThat(came.keySet()).isEqualTo(runs.keySet());
        runs.forEach((id, run) -> assertThat(came.get(id)).isEqualTo(run));
    }

    @Test
    @Order(2)
    void everyExperimentAnswersAsItDidThere() throws IOException {
        assertThat(experiments(here())).isEqualTo(experiments(there()));
    }

    private static List<String> experiments(MlflowContent content) throws IOException {
        return content.experiments().values().stream()
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
    void everyLoggedModelAnswersAsItDidThere() throws IOException {
        Map<String, JsonNode> models = there().loggedModels();
        assertThat(models).hasSize(2);
        assertThat(here().loggedModels()).isEqualTo(models);
    }

    @Test
    @Order(2)
    void everyRegisteredModelAndPromptAnswersAsItDidThere() throws IOException {
        Map<String, JsonNode> models = there().registeredModels();
        assertThat(models).containsOnlyKeys(RISK, "without versions", "greeting");
        assertThat(here().registeredModels()).isEqualTo(models);
    }

    @Test
    @Order(2)
    void everyVersionAnswersAsItDidThereWithTheHolesBetween() throws IOException {
        Map<String, JsonNode> versions = there().versions();
        assertThat(versions).containsOnlyKeys(RISK + "/1", RISK + "/3", RISK + "/4", "greeting/1", "greeting/2");
        assertThat(here().versions()).isEqualTo(versions);
    }

    @Test
    @Order(2)
    void theFilesOfAVersionAreTheBytesThatTheyWere() throws IOException {
        String path = "/model-versions/get-artifact?path=data%2Fweights.bin&version=1&name="
                + URLEncoder.encode(RISK, StandardCharsets.UTF_8);
        Web.Answer came = installation.web().get(path);
        assertThat(came.status()).isEqualTo(200);
        assertThat(came.body()).isEqualTo(mlflow.web().get(path).body());
    }

    @Test
    @Order(2)
    void whatTheMlflowServerDoesNotServeIsListed() {
        assertThat(report.at("/notTaken").toString())
                .contains("files of version 4 of '" + RISK.replace("\"", "\\\"")
                        + "' at s3://bucket/elsewhere: that place is not served by the MLflow server");
    }

    @Test
    @Order(2)
    void aLongHistoryIsThePointsThatItWas() throws IOException {
        String path = API + "metrics/get-history?metric_key=long&run_id=" + full;
        JsonNode there = mlflow.web().get(path).json().path("metrics");
        JsonNode here = installation.web().get(path).json().path("metrics");
        assertThat(here).hasSize(30_000);
        assertThat(MlflowContent.sorted(here)).isEqualTo(MlflowContent.sorted(there));
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
        assertThat(report.at("/taken/logged models").asInt()).isZero();
        assertThat(report.at("/taken/registered models").asInt()).isZero();
        assertThat(report.at("/taken/model versions").asInt()).isZero();
        assertThat(report.at("/taken/model versions that were here already").asInt())
                .isEqualTo(5);
        assertThat(report.at("/taken/artifact files").asInt()).isZero();
    }

    @Test
    @Order(3)
    void anotherSourceWithTheSameIdsIsRefused() {
        CommandLineRun run = imported("http://localhost:" + mlflow.port());
        assertThat(run.exit()).isEqualTo(6);
        assertThat(run.err())
                .contains("nothing was imported, because " + (ALL + 3 + 2 + 3) + " things are in the way")
                .contains("did not come from http://localhost:" + mlflow.port());
    }

    @Test
    @Order(3)
    void anAddressWithoutAServerIsToldPlainly() {
        CommandLineRun run = imported("http://127.0.0.1:1");
        assertThat(run.exit()).isEqualTo(69);
        assertThat(run.err()).contains("the MLflow server http://127.0.0.1:1");
    }

    @Test
    @Order(4)
    void anImportThatIsKilledInTheMiddleGoesOnIntoAProjectOfAServerThatAsksWhoComes() throws Exception {
        Path home = Files.createDirectories(folder.resolve("guarded"));
        try (PasswordProxy proxy = PasswordProxy.before(mlflow.address());
                GuardedServer guarded = GuardedServer.start(home)) {
            guarded.project("team");
            String[] line = {"import", "mlflow", "--from", proxy.address(), "--into", "team", "-o", "json"};

            CommandLineRun nobody = CommandLineRun.of(home, guarded.environment(guarded.viewer()), line);
            assertThat(nobody.exit()).as(nobody.err()).isEqualTo(77);
            assertThat(guarded.content("team").experiments()).isEmpty();

            Map<String, String> environment = guarded.environment(guarded.administrator());
            CommandLineRun locked = CommandLineRun.of(home, environment, line);
            assertThat(locked.exit()).isEqualTo(77);
            assertThat(locked.err()).contains("refuses with status 401; sign in with MLFLOW_TRACKING_USERNAME");

            environment.put("MLFLOW_TRACKING_USERNAME", PasswordProxy.USER);
            environment.put("MLFLOW_TRACKING_PASSWORD", PasswordProxy.PASSWORD);
            int before = killedInTheMiddle(home, environment, guarded, line);

            CommandLineRun again = CommandLineRun.of(home, environment, line);
            assertThat(again.exit()).as(again.err()).isZero();
            JsonNode told = Json.parse(again.out()).path("taken");
            assertThat(told.path("runs").asInt()).isBetween(1, ALL - 1);
            assertThat(told.path("runs that were here already").asInt()).isBetween(1, before);
            assertThat(told.path("runs").asInt()
                            + told.path("runs that were here already").asInt())
                    .isEqualTo(ALL);
            compareWithTheSource(guarded.content("team"));
            assertThat(guarded.content("default").experiments()).containsOnlyKeys("Default");
            assertThat(guarded.content("default").registeredModels()).isEmpty();
        }
    }

    /** Returns how many runs were here after the kill, whole or half. */
    private static int killedInTheMiddle(
            Path home, Map<String, String> environment, GuardedServer guarded, String... line) throws IOException {
        Process first =
                CommandLineRun.started(home, environment, home.resolve("killed.out"), home.resolve("killed.err"), line);
        Until.isTrue("some runs are here", Duration.ofSeconds(120), () -> guarded.has("team", "many runs", 300));
        first.destroyForcibly().onExit().join();
        int here = guarded.content("team").runs().size();
        assertThat(here).isLessThan(ALL);
        return here;
    }

    private static void compareWithTheSource(MlflowContent content) throws IOException {
        Map<String, JsonNode> runs = there().runs();
        Map<String, JsonNode> came = content.runs();
        assertThat(came.keySet()).isEqualTo(runs.keySet());
        runs.forEach((id, run) -> assertThat(came.get(id)).isEqualTo(run));
        assertThat(content.loggedModels()).isEqualTo(there().loggedModels());
        assertThat(content.registeredModels()).isEqualTo(there().registeredModels());
        assertThat(content.versions().keySet()).isEqualTo(there().versions().keySet());
        assertThat(content.experiments().get("Default").path("experiment_id").asText())
                .as("the experiment that every server has got an id of its own")
                .isNotEqualTo("0");
    }
}
