package dev.perennial.pipelines;

import static dev.perennial.pipelines.EngineFixture.AT_ONCE;
import static dev.perennial.pipelines.EngineFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.ErrorCode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.pipelines.WorkerProtocol.Claim;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The engine against workers that the test plays itself. */
class WorkerStepsTest {
    private static final PipelineSpec TWO = PipelineSpec.of(
            "two",
            StepSpec.worker("make", "make").with(Json.object().put("n", 3)).retrying(AT_ONCE),
            StepSpec.worker("use", "use")
                    .reading("model", StepSpec.file("make", "model"))
                    .after("make"));

    @TempDir
    Path folder;

    private EngineFixture fixture;

    @BeforeEach
    void open() {
        fixture = EngineFixture.in(folder, EngineFixture.step("quick", c -> Map.of()));
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private RunId launched(PipelineSpec spec) {
        RunId run = fixture.start(spec, "k");
        await(() -> fixture.launcher.launches.contains(worker(run, 1)));
        return run;
    }

    private static String worker(RunId run, int no) {
        return run + "-" + no;
    }

    private Claim.Work claim(RunId run, int worker) {
        return (Claim.Work) fixture.engine().protocol().claim(run, worker(run, worker));
    }

    private static WorkerResult result(Claim.Work work, String text) {
        try {
            Files.writeString(Path.of(work.staging()).resolve("out.txt"), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        JsonNode value = Json.tree(text.length());
        return new WorkerResult(Map.of("length", value), Map.of("model", "out.txt"), new WorkerResult.Usage(120, 4096));
    }

    private static void assertFenced(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PerennialException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT))
                .hasMessageContaining("attempt_fenced");
    }

    @Test
    void aWorkerTakesStepAfterStepAndIsSentHome() throws IOException {
        RunId run = launched(TWO);
        WorkerProtocol protocol = fixture.engine().protocol();
        Claim.Work make = claim(run, 1);
        assertThat(make.path()).isEqualTo("make");
        assertThat(make.parameters().get("n").asInt()).isEqualTo(3);
        protocol.heartbeat(make.token(), 0.5, "half way");
        RunView.Step running = fixture.engine().find(run).orElseThrow().step("make");
        assertThat(running.share()).isEqualTo(0.5);
        assertThat(running.line()).isEqualTo("half way");
        protocol.complete(make.token(), result(make, "a model"));
        protocol.complete(make.token(), result(make, "a model"));
        Claim.Work use = claim(run, 1);
        assertThat(use.kind()).isEqualTo("use");
        assertThat(Files.readString(Path.of(use.inputs().get("model")))).isEqualTo("a model");
        protocol.complete(use.token(), result(use, "x"));
        assertThat(protocol.claim(run, worker(run, 1))).isInstanceOf(Claim.Finished.class);
        fixture.launcher.exit(worker(run, 1), 0);
        RunView view = fixture.awaitEnd(run);
        assertThat(view.state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(view.step("make").values()).containsEntry("length", Json.tree(7));
        await(() -> fixture.engine().workers().isEmpty());
        assertThat(fixture.launcher.launches).containsExactly(worker(run, 1));
        assertThat(fixture.engine().attempts(run))
                .extracting(AttemptView::cpuMillis)
                .containsExactly(120L, 120L);
        await(() -> !Files.exists(folder.resolve("staging").resolve(run.text())));
    }

    @Test
    void aModelThatWasDamagedIsNotGivenToAStep() throws IOException {
        RunId run = launched(TWO);
        Claim.Work make = claim(run, 1);
        fixture.engine().protocol().complete(make.token(), result(make, "a model"));
        String hex = Digest.of("a model").hex();
        Path blob = folder.resolve("data/blobs").resolve(hex.substring(0, 2)).resolve(hex.substring(2));
        Files.setPosixFilePermissions(blob, PosixFilePermissions.fromString("rw-------"));
        Files.writeString(blob, "A MODEL");
        assertThat(fixture.engine().protocol().claim(run, worker(run, 1))).isInstanceOf(Claim.Wait.class);
        RunView view = fixture.awaitEnd(run);
        assertThat(view.state()).isEqualTo(RunState.FAILED);
        assertThat(view.failure())
                .contains("the file of input 'model' has changed: expected sha256 " + hex + ", found sha256 "
                        + Digest.of("A MODEL"));
    }

    @Test
    void aWorkerThatLostTheAnswerGetsTheSameAttemptWithANewToken() {
        RunId run = launched(TWO);
        Claim.Work first = claim(run, 1);
        Claim.Work second = claim(run, 1);
        assertThat(second.attempt()).isEqualTo(first.attempt());
        assertThat(second.token()).isNotEqualTo(first.token());
        assertFenced(() -> fixture.engine().protocol().complete(first.token(), result(first, "late")));
        fixture.engine().protocol().complete(second.token(), result(second, "right"));
        assertThat(fixture.engine().find(run).orElseThrow().step("make").state())
                .isEqualTo(StepState.SUCCEEDED);
    }

    @Test
    void theAttemptOfADeadWorkerIsLostAndAnotherWorkerGoesOn() {
        RunId run = launched(TWO);
        Claim.Work lost = claim(run, 1);
        fixture.launcher.die(worker(run, 1));
        await(() -> fixture.launcher.launches.contains(worker(run, 2)));
        assertFenced(() -> fixture.engine().protocol().heartbeat(lost.token(), 1, ""));
        assertFenced(() -> fixture.engine().protocol().complete(lost.token(), result(lost, "zombie")));
        assertFenced(() -> fixture.engine().protocol().fail(lost.token(), FailureClass.USER, "zombie"));
        assertFenced(() -> fixture.engine().protocol().claim(run, worker(run, 1)));
        Claim.Work again = claim(run, 2);
        assertThat(again.attempt()).isEqualTo(2);
        assertThat(again.staging()).isNotEqualTo(lost.staging());
        fixture.engine().protocol().complete(again.token(), result(again, "fresh"));
        assertThat(fixture.engine().attempts(run))
                .extracting(AttemptView::state)
                .containsExactly(AttemptState.LOST, AttemptState.SUCCEEDED);
    }

    @Test
    void aResultThatADeadWorkerLeftIsCommittedWithoutAnotherAttempt() throws IOException {
        RunId run = launched(TWO);
        Claim.Work work = claim(run, 1);
        Path staging = Path.of(work.staging());
        Files.writeString(
                staging.resolveSibling(staging.getFileName() + ".result.json"), Json.write(result(work, "done")));
        fixture.launcher.die(worker(run, 1));
        fixture.awaitStep(run, "make", StepState.SUCCEEDED);
        assertThat(fixture.engine().attempts(run)).hasSize(1);
        await(() -> fixture.launcher.launches.contains(worker(run, 2)));
    }

    @Test
    void aResultWithoutItsFileBreaksTheContractAndIsNotTriedAgain() {
        RunId run = launched(TWO);
        Claim.Work work = claim(run, 1);
        WorkerResult empty =
                new WorkerResult(Map.of(), Map.of("model", "../../../data/perennial.db"), new WorkerResult.Usage(0, 0));
        fixture.engine().protocol().complete(work.token(), empty);
        RunView view = fixture.awaitEnd(run);
        assertThat(view.state()).isEqualTo(RunState.FAILED);
        assertThat(view.step("use").state()).isEqualTo(StepState.UPSTREAM_FAILED);
        assertThat(fixture.engine().attempts(run))
                .extracting(AttemptView::failure)
                .containsExactly(FailureClass.CONTRACT);
    }

    @Test
    void failuresOfTheStepAreRetriedOnItsOwnBudget() {
        RunId run = launched(TWO);
        for (int i = 1; i <= 3; i++) {
            fixture.awaitStep(run, "make", StepState.READY);
            Claim.Work work = claim(run, 1);
            fixture.engine().protocol().fail(work.token(), FailureClass.USER, "no rows");
            fixture.engine().protocol().fail(work.token(), FailureClass.USER, "no rows");
        }
        assertThat(fixture.awaitEnd(run).state()).isEqualTo(RunState.FAILED);
        assertThat(fixture.engine().attempts(run)).hasSize(3);
    }

    @Test
    void anIntendedLaunchHappensAfterARestartUnderTheSameName() {
        RunId run = launched(TWO);
        fixture.store().database().writing(tx -> tx.sql().execute("update pipeline_worker set state = 'STARTING'"));
        fixture.launcher.presence.remove(worker(run, 1));
        fixture.restart();
        assertThat(fixture.report().relaunched()).isEqualTo(1);
        assertThat(fixture.launcher.launches).containsExactly(worker(run, 1), worker(run, 1));
        assertThat(claim(run, 1).path()).isEqualTo("make");
    }

    @Test
    void aWorkerThatLivesIsFoundAgainAndAnUnknownOneIsStopped() {
        RunId run = launched(TWO);
        Claim.Work work = claim(run, 1);
        fixture.launcher.presence.put("stranger", new WorkerLauncher.Presence.Running(5));
        fixture.restart();
        assertThat(fixture.report()).isEqualTo(new RecoveryReport(1, 1, 0, 0, 1));
        assertThat(fixture.launcher.stops).containsExactly("stranger by force");
        fixture.engine().protocol().complete(work.token(), result(work, "a model"));
        assertThat(fixture.engine().attempts(run)).hasSize(1);
    }

    @Test
    void cancellingStopsTheWorkerAndEndsTheRun() {
        RunId run = launched(TWO);
        Claim.Work work = claim(run, 1);
        fixture.engine().cancel(run, "user:eva", "enough");
        RunView view = fixture.awaitEnd(run);
        assertThat(view.state()).isEqualTo(RunState.CANCELLED);
        assertThat(view.step("make").state()).isEqualTo(StepState.CANCELLED);
        assertThat(fixture.launcher.stops).contains(worker(run, 1));
        assertFenced(() -> fixture.engine().protocol().heartbeat(work.token(), 1, ""));
    }

    @Test
    void aWorkerWaitsForInlineStepsAndGoesHomeWhenTheyTakeTooLong() {
        PipelineSpec spec = PipelineSpec.of(
                "p",
                StepSpec.worker("make", "make"),
                StepSpec.inline("check", "quick").after("make"),
                StepSpec.worker("use", "use").after("check"));
        RunId run = launched(spec);
        Claim.Work make = claim(run, 1);
        fixture.engine().protocol().complete(make.token(), result(make, "m"));
        await(() -> fixture.engine().protocol().claim(run, worker(run, 1)) instanceof Claim.Work work
                && work.path().equals("use"));
    }

    @Test
    void aWorkerThatNeverStartsFailsItsStepsWithAReason() {
        RunId run = fixture.start(TWO, "k");
        for (int no = 1; no <= AT_ONCE.attemptsMax(); no++) {
            String name = worker(run, no);
            await(() -> fixture.launcher.launches.contains(name));
            fixture.launcher.die(name);
        }
        RunView view = fixture.awaitEnd(run);
        assertThat(view.state()).isEqualTo(RunState.FAILED);
        assertThat(view.step("make").line()).contains("the worker process does not start");
    }

    @Test
    void aMachineThatCannotStartProcessesFailsTheStepAndNamesWhatIsMissing() {
        fixture.launcher.refuses.set(true);
        RunView view = fixture.awaitEnd(fixture.start(TWO, "k"));
        assertThat(view.state()).isEqualTo(RunState.FAILED);
        assertThat(view.step("make").line()).contains("no setsid");
        assertThat(fixture.launcher.launches).hasSize(AT_ONCE.attemptsMax());
    }

    @Test
    void anAttemptThatTakesTooLongEndsWithItsWorker() {
        RunId run = launched(
                PipelineSpec.of("p", StepSpec.worker("make", "make").within(30).retrying(AT_ONCE)));
        Claim.Work slow = claim(run, 1);
        await(() -> fixture.launcher.launches.contains(worker(run, 2)));
        assertThat(fixture.launcher.stops).contains(worker(run, 1));
        assertFenced(() -> fixture.engine().protocol().complete(slow.token(), result(slow, "late")));
        assertThat(fixture.engine().attempts(run).getFirst().failure()).isEqualTo(FailureClass.TIMEOUT);
        fixture.engine().cancel(run, "user:eva", "enough");
        fixture.awaitEnd(run);
    }

    @Test
    void onlySoManyWorkersRunAtOneTime() {
        PipelineSpec one = PipelineSpec.of("p", StepSpec.worker("make", "make"));
        RunId[] runs = {fixture.start(one, "1"), fixture.start(one, "2"), fixture.start(one, "3")};
        await(() -> fixture.launcher.launches.size() == 2);
        Claim.Work work = claim(runs[0], 1);
        fixture.engine().protocol().complete(work.token(), result(work, "m"));
        assertThat(fixture.engine().protocol().claim(runs[0], worker(runs[0], 1)))
                .isInstanceOf(Claim.Finished.class);
        await(() -> fixture.launcher.launches.contains(worker(runs[2], 1)));
    }
}
