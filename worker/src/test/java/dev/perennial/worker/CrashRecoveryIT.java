package dev.perennial.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.pipelines.AttemptState;
import dev.perennial.pipelines.AttemptView;
import dev.perennial.pipelines.PipelineAudit;
import dev.perennial.pipelines.RunState;
import dev.perennial.pipelines.RunView;
import dev.perennial.testkit.FreePort;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Server and worker are killed at every named point; the run ends as if nothing had happened. */
class CrashRecoveryIT {
    private static final int KILLED = 137;
    private static final int SECONDS_MAX = 60;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pipelines.TX1.afterCommit",
                "pipelines.launch.after",
                "pipelines.TX2.afterCommit",
                "pipelines.claim.afterCommit",
                "pipelines.inline.claimed",
                "pipelines.TX3.beforeCommit",
                "pipelines.TX3.beforeCommit:2",
                "pipelines.TX3.afterCommit",
                "pipelines.TX3.afterCommit:2"
            })
    void aServerKilledAtThisPointChangesNothing(String point) throws Exception {
        int port = FreePort.any();
        assertThat(host(port, List.of("-Dperennial.crash-at=" + point)))
                .as("exit code at " + point)
                .isEqualTo(KILLED);
        assertThat(host(port, List.of())).as("exit code after the restart").isZero();
        assertUndisturbed(port);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "worker.step.before",
                "worker.step.afterStage",
                "worker.step.afterStage:2",
                "worker.complete.after"
            })
    void aWorkerKilledAtThisPointChangesNothing(String point) throws Exception {
        int port = FreePort.any();
        assertThat(host(port, List.of(), "-Dtest.crash-once=" + point, "-Dtest.marker=" + folder))
                .isZero();
        assertThat(folder.resolve("crashed")).exists();
        assertUndisturbed(port);
        if (point.startsWith("worker.step.afterStage")) {
            assertThat(attempts(port))
                    .as("a staged result needs no second attempt")
                    .hasSize(4);
        }
    }

    @Test
    void killingBothAgainAndAgainChangesNothing() throws Exception {
        int port = FreePort.any();
        List<String> points = List.of(
                "pipelines.launch.after",
                "pipelines.TX3.beforeCommit",
                "pipelines.inline.claimed",
                "pipelines.claim.afterCommit");
        for (String point : points) {
            assertThat(host(
                            port,
                            List.of("-Dperennial.crash-at=" + point),
                            "-Dtest.crash-once=worker.step.before",
                            "-Dtest.marker=" + folder))
                    .isEqualTo(KILLED);
        }
        assertThat(host(port, List.of())).isZero();
        assertUndisturbed(port);
    }

    @Test
    void aStepGoesOnWhileTheServerIsDeadAndIsFoundAgain() throws Exception {
        int port = FreePort.any();
        Path gate = folder.resolve("gate");
        Process server = launch(port, List.of("-Dtest.gate=" + gate));
        Waiting.until(() -> folder.toFile().list((dir, name) -> name.startsWith("waiting-")).length == 1);
        long pid = Long.parseLong(folder.toFile()
                .list((dir, name) -> name.startsWith("waiting-"))[0]
                .substring("waiting-".length()));
        server.destroyForcibly().waitFor();
        assertThat(ProcessHandle.of(pid)).isPresent();
        Files.createFile(gate);
        assertThat(host(port, List.of("-Dtest.gate=" + gate))).isZero();
        try (PipelineHost host = new PipelineHost(data(), port)) {
            RunView run = host.engine().find(PipelineHost.KEY).orElseThrow();
            assertThat(run.step("wait").values().get("pid").asLong()).isEqualTo(pid);
            assertThat(host.engine().attempts(run.run()))
                    .extracting(AttemptView::state)
                    .containsExactly(AttemptState.SUCCEEDED);
        }
    }

    private void assertUndisturbed(int port) throws IOException {
        try (PipelineHost host = new PipelineHost(data(), port)) {
            RunView run = host.engine().find(PipelineHost.KEY).orElseThrow();
            assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
            assertThat(run.step("write").values()).isEqualTo(Map.of("length", Json.tree(6)));
            assertThat(run.step("join").files()).isEqualTo(Map.of("joined", Digest.of("hello 6")));
            assertThat(host.store().blobs().bytes(Digest.of("hello 6"))).isEqualTo("hello 6".getBytes("UTF-8"));
            assertThat(run.step("second").values()).isEqualTo(Map.of("seen", Json.tree("hello 6")));
            Map<String, Long> successes = host.engine().attempts(run.run()).stream()
                    .filter(a -> a.state() == AttemptState.SUCCEEDED)
                    .collect(Collectors.groupingBy(AttemptView::path, Collectors.counting()));
            assertThat(successes).isEqualTo(Map.of("write", 1L, "first", 1L, "join", 1L, "second", 1L));
            assertThat(new PipelineAudit(host.store().database(), host.store().blobs()).problems(run.run()))
                    .isEmpty();
            List<String> room = host.store()
                    .database()
                    .read(sql -> sql.select("select id || '=' || value from test_room order by id")
                            .mapTo(String.class)
                            .list());
            assertThat(room).containsExactly("first=6", "second=hello 6");
            assertThat(host.report().attached()).isZero();
            assertThat(host.engine().workers()).isEmpty();
        }
    }

    private List<AttemptView> attempts(int port) throws IOException {
        try (PipelineHost host = new PipelineHost(data(), port)) {
            return host.engine()
                    .attempts(host.engine().find(PipelineHost.KEY).orElseThrow().run());
        }
    }

    private Path data() {
        return folder.resolve("data");
    }

    private int host(int port, List<String> flags, String... workerFlags) throws IOException, InterruptedException {
        Process process = launch(port, flags, workerFlags);
        boolean ended = process.waitFor(SECONDS_MAX, TimeUnit.SECONDS);
        if (!ended) {
            process.destroyForcibly();
        }
        assertThat(ended)
                .as("host ended in time; its log:\n" + Files.readString(log().toPath()))
                .isTrue();
        return process.exitValue();
    }

    private File log() {
        return folder.resolve("host.log").toFile();
    }

    private Process launch(int port, List<String> flags, String... workerFlags) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx128m", "--enable-native-access=ALL-UNNAMED"));
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), PipelineHost.class.getName()));
        command.addAll(List.of(data().toString(), Integer.toString(port)));
        command.addAll(List.of(workerFlags));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log()))
                .start();
    }
}
