package dev.perennial.server.proof;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.testkit.PythonScript;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A model that MLflow's client logged is deployed without a lifecycle file, and answers. The tests go on from one another. */
@ExtendWith(Distribution.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DeployIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String CHURN = "/api/endpoints/churn";
    private static final String FRAME =
            "{\"dataframe_split\":{\"columns\":[\"petal\",\"leaves\"],\"data\":[[0.75,%s]]}}";

    private static final String TENSORS =
            "{\"inputs\":[{\"name\":\"petal\",\"datatype\":\"FP64\",\"shape\":[1],\"data\":[0.25]},"
                    + "{\"name\":\"leaves\",\"datatype\":\"FP64\",\"shape\":[1],\"data\":[3]}]}";

    @TempDir
    private static Path folder;

    private static Installation installation;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        installation = Installation.start(folder);
        PythonScript.CLIENT.run(folder, "deploy_flow.py", url());
    }

    @AfterAll
    static void end() {
        if (installation != null) {
            installation.close();
        }
    }

    private static String url() {
        return "http://127.0.0.1:" + installation.port();
    }

    private static CommandLineRun perennial(String... arguments) {
        String[] all = new String[arguments.length + 4];
        System.arraycopy(arguments, 0, all, 0, arguments.length);
        System.arraycopy(new String[] {"--server", url(), "--actor", "ann"}, 0, all, arguments.length, 4);
        return CommandLineRun.of(folder, all);
    }

    private static JsonNode churn() {
        return installation.web().tryGet(CHURN).orElseThrow();
    }

    private static Web scorer() {
        return new Web(URI.create(churn().path("url").asText()).getPort());
    }

    private static void serving() {
        Until.isTrue(
                "a scorer serves it",
                PATIENCE,
                () -> churn().path("state").asText().equals("SERVING"));
    }

    private static List<String> placed() {
        return StreamSupport.stream(churn().path("variants").spliterator(), false)
                .map(variant -> variant.path("version").asText() + " "
                        + variant.path("role").asText())
                .toList();
    }

    /** Rows whose petals are below and above what the tree asks for, in turn. */
    private static Path flowers(String name, int rows) throws IOException {
        StringBuilder text = new StringBuilder("petal,leaves\n");
        for (int row = 0; row < rows; row++) {
            text.append(row % 2 == 0 ? "0.25" : "0.75").append(",3\n");
        }
        return Files.writeString(folder.resolve(name), text);
    }

    private static List<String> scored(String name) throws IOException {
        return Files.readAllLines(folder.resolve(name));
    }

    @Test
    @Order(0)
    void aVersionThatWasNeverDeployedScoresAFile() throws IOException {
        Path file = flowers("few.csv", 4);
        CommandLineRun run = perennial("score", file.toString(), "--model", "models:/Iris flowers/2");
        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(scored("few.scored.csv"))
                .containsExactly(
                        "petal,leaves,score,version,error",
                        "0.25,3,-2.0,Iris flowers/2,",
                        "0.75,3,2.0,Iris flowers/2,",
                        "0.25,3,-2.0,Iris flowers/2,",
                        "0.75,3,2.0,Iris flowers/2,");
        JsonNode job = installation.web().tryGet("/api/scorings").orElseThrow().at("/items/0");
        Until.isTrue(
                "what was found is kept",
                PATIENCE,
                () -> installation
                        .web()
                        .tryGet("/api/scorings/" + job.path("id").asText())
                        .orElseThrow()
                        .at("/admission/verdict")
                        .asText()
                        .equals("ADMITTED"));
        JsonNode steps = installation
                .web()
                .tryGet("/api/pipelines/runs/" + job.path("run").asText())
                .orElseThrow()
                .path("steps");
        assertThat(steps).extracting(step -> step.path("path").asText()).containsExactly("bundle", "admit", "score");
        assertThat(perennial("endpoints").out()).doesNotContain("Iris");
    }

    @Test
    @Order(0)
    void aWorkerKilledWhileSuchAVersionScoresIsFollowedByOneThatGoesOn() throws Exception {
        Path file = flowers("many.csv", 300_000);
        String id = perennial("score", file.toString(), "--model", "models:/Iris flowers/1", "--no-wait")
                .out()
                .strip();
        Path parts = installation.data().resolve("scorings").resolve(id).resolve("parts");
        Until.isTrue("a part", PATIENCE, () -> {
            String[] there = parts.toFile().list();
            return there != null && there.length > 0;
        });
        assertThat(installation.killWorkers()).isPositive();
        Until.isTrue(
                "the job is done",
                PATIENCE,
                () -> installation
                        .web()
                        .tryGet("/api/scorings/" + id)
                        .map(job -> job.path("state").asText())
                        .orElse("")
                        .equals("DONE"));
        List<String> lines = scored("many.scored.csv");
        assertThat(lines).hasSize(300_001);
        assertThat(lines.getLast()).isEqualTo("0.75,3,1.0,Iris flowers/1,");
    }

    @Test
    @Order(1)
    void theFirstVersionIsDeployedByOneCommand() {
        CommandLineRun run = perennial("deploy", "models:/Iris flowers/1", "--endpoint", "churn", "--reason", "first");
        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(run.out()).isEqualTo("Iris flowers/1 is the champion of endpoint churn.\n");
        serving();
        JsonNode variant = churn().path("variants").path(0);
        assertThat(variant.path("format").asText()).isEqualTo("xgboost-json");
        assertThat(variant.at("/admission/verdict").asText()).isEqualTo("ADMITTED");
        assertThat(churn().path("example")).isEqualTo(Json.parse("{\"petal\":0.25,\"leaves\":3}"));
    }

    @Test
    @Order(2)
    void itAnswersOnEveryProtocol() throws IOException {
        JsonNode records = scorer().post("/endpoints/churn/predict", "{\"records\":[{\"petal\":0.75,\"leaves\":3}]}")
                .json();
        assertThat(records.at("/predictions/0/score").asDouble()).isEqualTo(1.0);
        assertThat(records.at("/predictions/0/id").asText()).as("without a key").isNotEmpty();
        JsonNode v2 = scorer().post(
                        "/v2/models/churn/infer",
                        "{\"inputs\":[{\"name\":\"petal\",\"datatype\":\"FP64\",\"shape\":[1],\"data\":[0.25]},"
                                + "{\"name\":\"leaves\",\"datatype\":\"FP64\",\"shape\":[1],\"data\":[3]}]}")
                .json();
        assertThat(v2.at("/outputs/0/data/0").asDouble()).isEqualTo(-1.0);
        JsonNode invocations = scorer().post("/serving/churn/invocations", FRAME.formatted("3"))
                .json();
        assertThat(invocations.at("/predictions/0").asDouble()).isEqualTo(1.0);
    }

    @Test
    @Order(3)
    void invocationsCastByTheSignatureThatWasLogged() throws IOException {
        Web.Answer half = scorer().post("/serving/churn/invocations", FRAME.formatted("3.5"));
        assertThat(half.status()).as(half.body()).isEqualTo(400);
        assertThat(half.body()).contains("leaves");
    }

    @Test
    @Order(4)
    void theServerForwardsATrial() throws IOException {
        JsonNode answer = installation
                .web()
                .post(CHURN + "/try", "{\"protocol\":\"invocations\",\"body\":" + FRAME.formatted("3") + "}")
                .json();
        assertThat(answer.path("status").asInt()).isEqualTo(200);
        assertThat(answer.at("/body/predictions/0").asDouble()).isEqualTo(1.0);
        assertThat(answer.path("predictionId").asText()).isNotEmpty();
    }

    @Test
    @Order(5)
    void aDefaultEndpointAnswersWithoutARestart() throws IOException {
        assertThat(scorer().post("/invocations", FRAME.formatted("3")).status()).isEqualTo(404);
        CommandLineRun run = perennial("endpoints", "default", "churn", "--reason", "clients of mlflow serve");
        assertThat(run.exit()).as(run.err()).isZero();
        serving();
        assertThat(scorer().post("/invocations", FRAME.formatted("3"))
                        .json()
                        .at("/predictions/0")
                        .asDouble())
                .isEqualTo(1.0);
    }

    @Test
    @Order(6)
    void aServerKilledInTheMiddleSettlesTheDeploymentWhenItIsBack() throws IOException {
        JsonNode begun = installation
                .web()
                .post(
                        CHURN + "/deploy",
                        "{\"version\":\"Iris flowers/2\",\"now\":true,\"by\":\"ann\",\"reason\":\"better\"}")
                .json();
        assertThat(begun.path("state").asText()).isEqualTo("RUNNING");
        installation.killServer();
        installation.startServer();
        Until.isTrue(
                "the deployment ends",
                PATIENCE,
                () -> !churn().at("/deployments/0/state").asText().equals("RUNNING"));
        assertThat(churn().at("/deployments/0/state").asText())
                .as(churn().at("/deployments/0/message").asText())
                .isEqualTo("DEPLOYED");
        assertThat(placed()).containsExactly("Iris flowers/1 warm", "Iris flowers/2 champion");
    }

    @Test
    @Order(7)
    void aRollbackReturnsToTheFirst() throws IOException {
        serving();
        assertThat(perennial("rollback", "churn", "--reason", "complaints").out())
                .startsWith("churn: champion Iris flowers/1 100%, warm Iris flowers/2 0%");
        serving();
        assertThat(scorer().post("/invocations", FRAME.formatted("3"))
                        .json()
                        .at("/predictions/0")
                        .asDouble())
                .isEqualTo(1.0);
    }

    @Test
    @Order(8)
    void aRolloutBeginsIsPausedAndAborted() {
        CommandLineRun run =
                perennial("rollouts", "start", "churn", "Iris flowers/2", "shadow 1h, 50% 1h", "--reason", "once more");
        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(placed()).containsExactly("Iris flowers/1 champion", "Iris flowers/2 shadow");
        assertThat(perennial("promote", "churn", "--reason", "now").err())
                .contains("a rollout moves the traffic of endpoint 'churn'");
        assertThat(perennial("rollouts", "pause", "churn", "--reason", "lunch").out())
                .isEqualTo("ann paused the rollout of Iris flowers/2: lunch\n");
        assertThat(perennial("rollouts", "abort", "churn", "--reason", "enough").out())
                .isEqualTo("ann aborted the rollout of Iris flowers/2: enough\n");
        assertThat(placed()).containsExactly("Iris flowers/1 champion");
        assertThat(perennial("rollouts", "list", "churn").out()).contains("Iris flowers/2", "ABORTED");
        JsonNode rollout =
                installation.web().tryGet(CHURN + "/rollouts").orElseThrow().at("/items/0");
        assertThat(perennial("rollouts", "rejudge", "churn", rollout.path("id").asText())
                        .exit())
                .isZero();
    }

    @Test
    @Order(9)
    void aCanaryAnswersWhoAsksForItAndItsStepCanBeSigned() throws IOException {
        CommandLineRun deployed =
                perennial("deploy", "models:/Iris flowers/2", "--endpoint", "churn", "--reason", "as a shadow");
        assertThat(deployed.exit()).as(deployed.err()).isZero();
        CommandLineRun run =
                perennial("rollouts", "start", "churn", "Iris flowers/2", "50% 1h", "--reason", "a canary");
        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(placed()).containsExactly("Iris flowers/1 champion", "Iris flowers/2 canary");
        serving();
        JsonNode forced =
                scorer().post("/v2/models/churn/versions/2/infer", TENSORS).json();
        assertThat(forced.path("model_version").asText()).isEqualTo("2");
        JsonNode rollout =
                installation.web().tryGet(CHURN + "/rollouts").orElseThrow().at("/items/0");
        assertThat(rollout.path("phase").asText()).isEqualTo("CANARY");
        assertThat(perennial("rollouts", "sign", "churn", "--reason", "compared by hand")
                        .out())
                .isEqualTo("ann signed the step of the rollout of Iris flowers/2: compared by hand\n");
        assertThat(perennial("rollouts", "abort", "churn", "--reason", "end").exit())
                .isZero();
    }

    private static double metric(String name) throws IOException {
        Matcher found = Pattern.compile("(?m)^" + name + "(?:\\{})? (\\S+)$")
                .matcher(scorerAlone().get("/metrics").body());
        assertThat(found.find()).as(name).isTrue();
        return Double.parseDouble(found.group(1));
    }

    /** The scorer's address without asking the server. */
    private static Web scorerAlone() throws IOException {
        Path port = installation.data().resolve("scorer/local-1/port");
        return new Web(Integer.parseInt(Files.readString(port).strip()));
    }

    private static boolean nothingWaits() {
        try {
            return metric("perennial_scorer_spool_bytes") == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** What times out at the scorer is still done by the server when it is back: the same segments come twice. */
    @Test
    @Order(10)
    @Tag("long")
    void aServerThatIsCutOffForARealMinuteMissesNoRowAndCountsNoneTwice() throws Exception {
        String row = "{\"records\":[{\"petal\":0.75,\"leaves\":3}]}";
        Until.isTrue("nothing waits", PATIENCE, DeployIT::nothingWaits);
        long before = churn().path("records").asLong();
        installation.signalServer("STOP");
        int answered = 0;
        try {
            long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
            while (System.nanoTime() < end) {
                assertThat(scorerAlone().post("/endpoints/churn/predict", row).status())
                        .isEqualTo(200);
                answered++;
                Until.pause(5);
            }
            assertThat(metric("perennial_scorer_server_silent_seconds")).isBetween(20.0, 120.0);
            assertThat(metric("perennial_scorer_spool_bytes"))
                    .isPositive()
                    .isLessThan(metric("perennial_scorer_spool_limit_bytes"));
            assertThat(metric("perennial_scorer_log_lost_records_total")).isZero();
            assertThat(scorerAlone().get("/healthz").body()).contains("\"server\":\"away\"");
        } finally {
            installation.signalServer("CONT");
        }
        Until.isTrue("everything is delivered", PATIENCE, DeployIT::nothingWaits);
        assertThat(churn().path("records").asLong()).isEqualTo(before + answered);
        assertThat(answered).isGreaterThan(1_000);
    }
}
