package dev.perennial.serving;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.pipelines.WorkerProtocol;
import dev.perennial.pipelines.WorkerResult;
import dev.perennial.scorings.ScoringJob;
import dev.perennial.scorings.ScoringOrder;
import dev.perennial.scorings.ScoringView;
import dev.perennial.scorings.Scorings;
import dev.perennial.testkit.SeededIds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Files scored by versions that have MLflow's files alone: they are made ready in the same job. The worker is played. */
abstract class ScorePreparationContract extends EndpointFixture {
    private static final String PYTHON = "python_function: {loader_module: mlflow.sklearn, python_version: 3.11.7}";
    private static final WorkerResult.Usage NONE = new WorkerResult.Usage(0, 0);

    private final ConcurrentLinkedQueue<WorkerProtocol.Claim.Work> scored = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> steps = new ConcurrentLinkedQueue<>();
    private Scorings scorings;

    @BeforeEach
    void prepare() throws IOException {
        Files.writeString(folder.resolve("in.csv"), "a\n1\n");
        play();
    }

    private void play() {
        scorings = new Scorings(store.database(), engine, clock, SeededIds.of(77, clock), folder.resolve("scorings"));
        workers.on("bundle", work -> {
            steps.add("bundle");
            Files.writeString(Path.of(work.staging()).resolve("m.json"), "{\"format\": \"python\"}");
            return new WorkerResult(
                    Map.of("python", Json.tree("3.11.7"), "requirements", Json.array()),
                    Map.of("manifest", "m.json"),
                    NONE);
        });
        workers.on("environment", work -> {
            steps.add("environment " + work.parameters().path("minor"));
            return new WorkerResult(Map.of("environment", Json.tree("ab".repeat(32))), Map.of(), NONE);
        });
        admitting(ADMITTED, "");
        workers.on("score", work -> {
            steps.add("score");
            scored.add(work);
            return new WorkerResult(
                    Map.of("rows", Json.tree(1L), "errors", Json.tree(0L), "bytes", Json.tree(9L)), Map.of(), NONE);
        });
    }

    private ScoringOrder order(String version, boolean minor) {
        return new ScoringOrder(
                version,
                "default",
                VersionFinder.model(version),
                ScoringJob.Pinned.prepared(finder.toScore("default", version, minor)),
                "ann",
                folder.resolve("in.csv").toString(),
                null,
                null,
                null,
                null,
                folder.resolve("out.csv").toString(),
                true,
                null);
    }

    private ScoringView ended(String id) {
        while (!scorings.get(id).state().ended()) {
            LockSupport.parkNanos(1_000_000);
        }
        return scorings.get(id);
    }

    private ScoringView done(String version, boolean minor) {
        return ended(scorings.create(order(version, minor)).job().id());
    }

    /** Actions of the model's stream since it was registered. */
    private List<JsonNode> entries(String model) {
        return store
                .database()
                .read(sql -> sql.createQuery("select e.header, p.payload from ledger_entry e join ledger_payload p"
                                + " on p.entry_hash = e.entry_hash where e.stream = :stream order by e.seq")
                        .bind("stream", "model:" + model)
                        .map((row, context) -> (JsonNode) Json.object()
                                .put(
                                        "action",
                                        Json.parse(row.getBytes("header"))
                                                .path("action")
                                                .asText())
                                .put(
                                        "actor",
                                        Json.parse(row.getBytes("header"))
                                                .path("actor")
                                                .asText())
                                .set("payload", Json.parse(row.getBytes("payload"))))
                        .list())
                .stream()
                .filter(entry -> entry.path("payload").has("scoring"))
                .toList();
    }

    private List<String> actions(String model) {
        return entries(model).stream()
                .map(entry -> entry.path("action").asText())
                .toList();
    }

    @Test
    void thePreparationOfADeploymentComesBeforeTheFile() {
        logged("forest", PYTHON, "requirements.txt");
        ScoringView view = done("models:/forest/1", false);
        assertThat(view.state()).as(view.line()).isEqualTo(ScoringView.State.DONE);
        assertThat(steps).containsExactly("bundle", "environment false", "score");
        JsonNode parameters = scored.peek().parameters();
        assertThat(parameters.path("environment").asText()).isEqualTo("ab".repeat(32));
        assertThat(parameters.path("verdict").asText()).isEqualTo("ADMITTED");
        assertThat(parameters.path("version").asText()).isEqualTo("forest/1");
        assertThat(scored.peek().inputs()).containsOnlyKeys("manifest", "model");
    }

    @Test
    void anotherReleaseOfPythonIsAskedForWhenItIsWanted() {
        logged("forest", PYTHON, "requirements.txt");
        done("forest/1", true);
        assertThat(steps).contains("environment true");
    }

    @Test
    void aModelThatNeedsNoPythonNeedsNoEnvironment() {
        logged("Iris flowers", XGBOOST, "model.xgb");
        ScoringView view = done("models:/Iris flowers/1", false);
        assertThat(view.state()).isEqualTo(ScoringView.State.DONE);
        assertThat(view.job().pinned().version()).isEqualTo("Iris flowers/1");
        assertThat(steps).containsExactly("bundle", "score");
        assertThat(scored.peek().parameters().has("environment")).isFalse();
    }

    @Test
    void whatWasFoundIsKeptWithTheJobAndToldInTheLedgerOnce() {
        logged("Iris flowers", XGBOOST, "model.xgb");
        ScoringView view = done("Iris flowers/1", false);
        scorings.resume();
        scorings.resume();
        JsonNode admission = scorings.get(view.job().id()).detail().path("admission");
        assertThat(admission.path("verdict").asText()).isEqualTo("ADMITTED");
        assertThat(admission.has("evidence")).isTrue();
        assertThat(actions("Iris flowers")).containsExactly("run.create", "gate.evaluate");
        JsonNode told = entries("Iris flowers").get(1);
        assertThat(told.path("actor").asText()).isEqualTo("user:ann");
        assertThat(told.at("/payload/version").asText()).isEqualTo("Iris flowers/1");
        assertThat(told.at("/payload/verdict").asText()).isEqualTo("ADMITTED");
        assertThat(told.at("/payload/admission").asText())
                .isEqualTo(Json.digest(admission).hex());
        assertThat(told.at("/payload/run").asText()).isEqualTo(view.run());
    }

    @Test
    void theVerdictIsToldToWhoScores() {
        admitting("REFUSED", "12 GB of addresses");
        logged("forest", PYTHON, "requirements.txt");
        ScoringView view = done("forest/1", false);
        scorings.resume();
        assertThat(scored.peek().parameters().path("verdict").asText()).isEqualTo("REFUSED");
        assertThat(scored.peek().parameters().path("refusal").asText()).isEqualTo("12 GB of addresses");
        assertThat(entries("forest").get(1).at("/payload/message").asText()).isEqualTo("12 GB of addresses");
        assertThat(scorings.get(view.job().id())
                        .detail()
                        .at("/admission/reason")
                        .asText())
                .isEqualTo("12 GB of addresses");
    }

    @Test
    void aPreparationThatFailsIsToldAndResumingTakesAllStepsAgain() {
        List<String> failures = new ArrayList<>(List.of("the model needs Python 3.11.7"));
        workers.on("environment", work -> {
            if (!failures.isEmpty()) {
                throw new IllegalStateException(failures.removeFirst());
            }
            return new WorkerResult(Map.of("environment", Json.tree("ab".repeat(32))), Map.of(), NONE);
        });
        logged("forest", PYTHON, "requirements.txt");
        ScoringView failed = done("forest/1", false);
        assertThat(failed.state()).isEqualTo(ScoringView.State.FAILED);
        assertThat(failed.line()).startsWith("environment: ").contains("the model needs Python 3.11.7");
        scorings.resume();
        assertThat(entries("forest").get(1).at("/payload/verdict").asText()).isEqualTo("NONE");
        scorings.resume(failed.job().id());
        assertThat(ended(failed.job().id()).state()).isEqualTo(ScoringView.State.DONE);
        scorings.resume();
        assertThat(actions("forest")).containsExactly("run.create", "gate.evaluate", "run.create", "gate.evaluate");
    }

    @Test
    void aServerThatDiesKnowsThePreparationWhenItIsBack() {
        logged("forest", PYTHON, "requirements.txt");
        ScoringView before = done("forest/1", false);
        close();
        reopen();
        play();
        ScoringJob job = scorings.get(before.job().id()).job();
        assertThat(job.pinned()).isEqualTo(before.job().pinned());
        assertThat(job.project()).isEqualTo("default");
        assertThat(actions("forest")).containsExactly("run.create");
        scorings.resume();
        assertThat(actions("forest")).containsExactly("run.create", "gate.evaluate");
    }

    @Test
    void whatNothingHereCanRunIsRefusedBeforeAnyJob() {
        logged("text", "spacy: {data: x}", "x");
        refused(ErrorCode.INVALID_ARGUMENT, () -> order("text/1", false))
                .hasMessageContaining("cannot be served: it has the flavors [spacy]");
        refused(ErrorCode.NOT_FOUND, () -> order("text/2", false));
    }
}
