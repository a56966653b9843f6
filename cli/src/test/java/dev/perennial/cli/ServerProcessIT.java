package dev.perennial.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.perennial.cli.ServerProcess.Launch;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starts, finds, stops and kills real processes; a stand-in program plays the server. */
class ServerProcessIT {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private Path dist;
    private Path data;

    @BeforeEach
    void install() throws IOException {
        dist = folder.resolve("dist");
        data = folder.resolve("data");
        Path jar = Files.createDirectories(dist.resolve("server")).resolve("quarkus-run.jar");
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.put(Attributes.Name.MAIN_CLASS, StandInServer.class.getName());
        StringBuilder path = new StringBuilder();
        for (String entry : System.getProperty("java.class.path").split(":")) {
            path.append(Path.of(entry).toUri()).append(' ');
        }
        attributes.put(Attributes.Name.CLASS_PATH, path.toString());
        try (OutputStream out = Files.newOutputStream(jar)) {
            new JarOutputStream(out, manifest).close();
        }
    }

    @AfterEach
    void stopAll() {
        ServerProcess.running(data).ifPresent(server -> server.stop(Duration.ofSeconds(10)));
        ChildProcess.of(data).forEach(child -> child.mark().signal(true));
    }

    private Launch launch(int port) {
        return new Launch(
                dist, data, port, Map.of(), List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    }

    private ServerProcess started() {
        ServerProcess server = ServerProcess.start(launch(0));
        server.awaitReady(DEADLINE);
        return server;
    }

    @Test
    void aStartedServerIsFoundAgainAndStoppedWithItsScorer() {
        ServerProcess server = started();
        ServerProcess found = ServerProcess.running(data).orElseThrow();
        assertThat(found.pid()).isEqualTo(server.pid());
        assertThat(found.url()).isEqualTo(server.url());
        List<ChildProcess> children = ChildProcess.of(data);
        assertThat(children).singleElement().returns("scorer", ChildProcess::kind);
        found.stop(Duration.ofSeconds(20));
        assertThat(server.alive()).isFalse();
        assertThat(children.getFirst().mark().alive()).isFalse();
        assertThat(ServerProcess.running(data)).isEmpty();
    }

    @Test
    void aKilledServerLeavesItsScorerAndIsStartedAgain() {
        ServerProcess server = started();
        server.kill();
        assertThat(server.alive()).isFalse();
        assertThat(ChildProcess.of(data)).hasSize(1);
        ServerProcess next = started();
        assertThat(next.pid()).isNotEqualTo(server.pid());
        assertThat(next.alive()).isTrue();
    }

    @Test
    void aDataDirectoryInUseIsRefused() {
        ServerProcess server = started();
        CommandFailure failure = catchThrowableOfType(CommandFailure.class, () -> ServerProcess.start(launch(0)));
        assertThat(failure.exitCode()).isEqualTo(ExitCode.CONFLICT);
        assertThat(failure)
                .hasMessageContaining("pid " + server.pid())
                .hasMessageContaining("perennial stop --data-dir " + data);
    }

    @Test
    void aBusyPortIsNamed() throws IOException {
        try (ServerSocket busy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> ServerProcess.start(launch(busy.getLocalPort())))
                    .hasMessageContaining("port " + busy.getLocalPort() + " is busy")
                    .hasMessageContaining("--port");
        }
    }

    @Test
    void aServerThatEndsAtOnceShowsItsLastWords() throws IOException {
        Files.createDirectories(data);
        Files.createFile(data.resolve("refuse"));
        ServerProcess server = ServerProcess.start(launch(0));
        CommandFailure failure = catchThrowableOfType(CommandFailure.class, () -> server.awaitReady(DEADLINE));
        assertThat(failure.exitCode()).isEqualTo(ExitCode.ERROR);
        assertThat(failure)
                .hasMessageContaining("ended before it was ready")
                .hasMessageContaining("the disk is on fire");
    }

    /** The command line in a process of its own, which runs a server; it hears Ctrl-C even when this JVM was told to ignore it. */
    private Process command() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                "env",
                "--default-signal=INT",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "server",
                "--port",
                "0",
                "--data-dir",
                data.toString());
        builder.environment().keySet().removeIf(name -> name.startsWith("PERENNIAL_"));
        builder.environment().put("PERENNIAL_DIST", dist.toString());
        return builder.redirectErrorStream(true).start();
    }

    @Test
    void ctrlCStopsServerAndScorer() throws IOException, InterruptedException {
        Process cli = command();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(cli.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine())
                    .startsWith("Perennial is ready at http://127.0.0.1:")
                    .contains("Ctrl-C stops it");
            ServerProcess server = ServerProcess.running(data).orElseThrow();
            List<ChildProcess> children = ChildProcess.of(data);
            assertThat(children).hasSize(1);
            new ProcessBuilder("kill", "-INT", Long.toString(cli.pid())).start().waitFor();
            assertThat(cli.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(cli.exitValue()).isEqualTo(ExitCode.INTERRUPTED);
            assertThat(server.alive()).isFalse();
            assertThat(children.getFirst().mark().alive()).isFalse();
        } finally {
            cli.destroyForcibly();
        }
    }

    @Test
    void aServerThatWasStoppedFromElsewhereEndsItsCommandInPeace() throws IOException, InterruptedException {
        Process cli = command();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(cli.getInputStream(), StandardCharsets.UTF_8))) {
            lines.readLine();
            ServerProcess.running(data).orElseThrow().stop(Duration.ofSeconds(20));
            assertThat(lines.readLine()).isEqualTo("the server was stopped");
            assertThat(cli.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(cli.exitValue()).isEqualTo(ExitCode.OK);
        } finally {
            cli.destroyForcibly();
        }
    }

    @Test
    void aServerThatDiedEndsItsCommandWithAnErrorThatNamesTheLog() throws IOException, InterruptedException {
        Process cli = command();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(cli.getInputStream(), StandardCharsets.UTF_8))) {
            lines.readLine();
            ServerProcess.running(data).orElseThrow().kill();
            assertThat(lines.readLine()).contains("the server ended; its log is " + data.resolve("server.log"));
            assertThat(cli.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(cli.exitValue()).isEqualTo(ExitCode.FAILED);
        } finally {
            cli.destroyForcibly();
        }
    }

    @Test
    void psListsWhatRuns() {
        ServerProcess server = started();
        try (CliHarness cli = new CliHarness(folder)) {
            assertThat(cli.run("ps", "--data-dir", data.toString()).out())
                    .contains(
                            "server", Long.toString(server.pid()), server.url().toString(), "scorer", "local-1");
            assertThat(cli.environment("PERENNIAL_SERVER", "")
                            .run("status", "--data-dir", data.toString())
                            .out())
                    .contains("stand-in", "ready", "no model yet");
            assertThat(cli.run("stop", "--data-dir", data.toString()).out())
                    .contains("stopped the server (pid " + server.pid() + ") and 1 of its processes");
            assertThat(server.alive()).isFalse();
        }
    }
}
