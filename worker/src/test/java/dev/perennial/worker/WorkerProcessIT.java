package dev.perennial.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.Json;
import dev.perennial.pipelines.AttemptState;
import dev.perennial.pipelines.AttemptView;
import dev.perennial.pipelines.FailureClass;
import dev.perennial.pipelines.PipelineSpec;
import dev.perennial.pipelines.RunId;
import dev.perennial.pipelines.RunState;
import dev.perennial.pipelines.RunView;
import dev.perennial.pipelines.StepSpec;
import dev.perennial.pipelines.StepState;
import dev.perennial.pipelines.WorkerProtocol.Claim;
import dev.perennial.pipelines.WorkerView;
import dev.perennial.testkit.FreePort;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real worker processes against an engine in this one. */
class WorkerProcessIT {
    @TempDir
    Path folder;

    private Path gate() {
        return folder.resolve("gate");
    }

    private PipelineHost host(int port) throws IOException {
        return new PipelineHost(folder.resolve("data"), port);
    }

    private static long awaitRunning(PipelineHost host, RunId run) {
        Waiting.until(
                () -> host.engine().find(run).orElseThrow().steps().getFirst().state() == StepState.RUNNING);
        return host.engine().workers().getFirst().pid();
    }

    @Test
    void aWorkerSurvivesTheServerAndItsStepRunsOnce() throws IOException {
        int port = FreePort.any();
        RunId run;
        long pid;
        try (PipelineHost host = host(port)) {
            run = host.start(PipelineHost.waiting(gate()), "k");
            pid = awaitRunning(host, run);
        }
        assertThat(ProcessHandle.of(pid)).isPresent();
        try (PipelineHost host = host(port)) {
            assertThat(host.report().attached()).isEqualTo(1);
            Files.createFile(gate());
            RunView view = host.awaitEnd(run);
            assertThat(view.state()).isEqualTo(RunState.SUCCEEDED);
            assertThat(view.step("wait").values().get("pid").asLong()).isEqualTo(pid);
            assertThat(host.engine().attempts(run)).hasSize(1);
            host.awaitNoWorkers();
        }
    }

    @Test
    void aKilledWorkerIsReplaced() throws IOException {
        try (PipelineHost host = host(FreePort.any())) {
            RunId run = host.start(PipelineHost.waiting(gate()), "k");
            long pid = awaitRunning(host, run);
            ProcessHandle.of(pid).orElseThrow().destroyForcibly();
            Files.createFile(gate());
            assertThat(host.awaitEnd(run).state()).isEqualTo(RunState.SUCCEEDED);
            assertThat(host.engine().attempts(run))
                    .extracting(AttemptView::state)
                    .containsExactly(AttemptState.LOST, AttemptState.SUCCEEDED);
            host.awaitNoWorkers();
        }
    }

    @Test
    void aFencedWorkerEndsByItselfAndItsAttemptIsTriedAgain() throws IOException {
        try (PipelineHost host = host(FreePort.any())) {
            RunId run = host.start(PipelineHost.waiting(gate()), "k");
            awaitRunning(host, run);
            String first = host.engine().workers().getFirst().name();
            assertThat(host.engine().protocol().claim(run, first)).isInstanceOf(Claim.Work.class);
            Waiting.until(() ->
                    Files.exists(folder.resolve("data/workers").resolve(first).resolve("exit.json")));
            assertThat(Json.parse(Files.readAllBytes(folder.resolve("data/workers")
                                    .resolve(first)
                                    .resolve("exit.json")))
                            .get("code")
                            .asInt())
                    .isEqualTo(76);
            Files.createFile(gate());
            assertThat(host.awaitEnd(run).state()).isEqualTo(RunState.SUCCEEDED);
            host.awaitNoWorkers();
        }
    }

    @Test
    void cancellingEndsTheProcess() throws IOException {
        try (PipelineHost host = host(FreePort.any())) {
            RunId run = host.start(PipelineHost.waiting(gate()), "k");
            long pid = awaitRunning(host, run);
            host.engine().cancel(run, "user:eva", "enough");
            assertThat(host.awaitEnd(run).state()).isEqualTo(RunState.CANCELLED);
            Waiting.until(() -> ProcessHandle.of(pid).isEmpty());
            assertThat(host.engine().attempts(run))
                    .extracting(AttemptView::state)
                    .containsExactly(AttemptState.CANCELLED);
        }
    }

    @Test
    void failuresKeepTheirClassAndTheirMessage() throws IOException {
        try (PipelineHost host = host(FreePort.any())) {
            RunId run = host.start(
                    PipelineSpec.of(
                            "p",
                            StepSpec.worker("user", "broken").with(Json.object().put("class", "USER")),
                            StepSpec.worker("config", "broken")
                                    .with(Json.object().put("class", "CONFIG")),
                            StepSpec.worker("unknown", "dance"),
                            StepSpec.worker("hungry", "hungry")),
                    "k");
            assertThat(host.awaitEnd(run).state()).isEqualTo(RunState.FAILED);
            assertThat(host.engine().attempts(run))
                    .extracting(a -> a.path() + " " + a.failure())
                    .containsExactly("user USER", "config CONFIG", "unknown CONFIG", "hungry OOM");
            List<AttemptView> attempts = host.engine().attempts(run);
            assertThat(attempts.getFirst().message()).isEqualTo("broken on purpose");
            assertThat(attempts.get(2).message())
                    .contains("no step of kind 'dance'")
                    .contains("write");
            String log = new String(host.engine().log(run, "config", 1, 0), StandardCharsets.UTF_8);
            assertThat(log)
                    .contains("path=config")
                    .contains("broken on purpose")
                    .doesNotContain("path=user");
            host.awaitNoWorkers();
        }
    }

    @Test
    void whatAnAttemptCostIsRecorded() throws IOException {
        try (PipelineHost host = host(FreePort.any())) {
            RunId run = host.start(PipelineHost.spec(), "k");
            assertThat(host.awaitEnd(run).state()).isEqualTo(RunState.SUCCEEDED);
            AttemptView join = host.engine().attempts(run).stream()
                    .filter(a -> a.path().equals("join"))
                    .findFirst()
                    .orElseThrow();
            assertThat(join.failure()).isEqualTo(FailureClass.NONE);
            assertThat(join.rssBytesMax()).isBetween(10_000_000L, 1_000_000_000L);
            host.awaitNoWorkers();
            assertThat(host.engine().workers()).extracting(WorkerView::name).isEmpty();
        }
    }

    @Test
    void aWrongCommandLineEndsWithItsOwnCode() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        WorkerMain.class.getName(),
                        "--run")
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(78);
        assertThat(output).contains("usage: WorkerMain --server");
    }
}
