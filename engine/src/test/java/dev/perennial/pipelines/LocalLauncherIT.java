package dev.perennial.pipelines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perennial.kernel.PerennialException;
import dev.perennial.kernel.ProcessIdentity;
import dev.perennial.pipelines.WorkerLauncher.Presence;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher with real processes: a script stands for the worker. */
class LocalLauncherIT {
    private static final RunId RUN = new RunId("00000000-0000-7000-8000-000000000001");

    @TempDir
    Path folder;

    private LocalLauncher launcher;

    @BeforeEach
    void open() throws IOException {
        Path script = folder.resolve("worker.sh");
        Files.writeString(script, """
                #!/bin/sh
                echo "started with $*"
                echo x >>"%1$s/starts"
                sleep 600 &
                echo $! >"%1$s/grandchild.tmp"; mv "%1$s/grandchild.tmp" "%1$s/grandchild"
                trap 'echo asked; exit 0' TERM
                while :; do sleep 0.05; done
                """.formatted(folder));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        launcher = launcher(script.toString());
    }

    private LocalLauncher launcher(String program) {
        WorkerCommand command = new WorkerCommand(
                Path.of(program), "cp", "Main", List.of(), () -> "http://127.0.0.1:1", folder, folder.resolve("token"));
        return new LocalLauncher(folder.resolve("workers"), command, InstantSource.system());
    }

    @AfterEach
    void stop() {
        launcher.alive().forEach(name -> launcher.stop(name, true));
    }

    private long awaitPid(String name) {
        EngineFixture.await(() -> launcher.find(name) instanceof Presence.Running running && running.pid() > 0);
        EngineFixture.await(() -> Files.exists(folder.resolve("grandchild")));
        return ((Presence.Running) launcher.find(name)).pid();
    }

    private long grandchild() throws IOException {
        return Long.parseLong(Files.readString(folder.resolve("grandchild")).strip());
    }

    private static boolean living(long pid) {
        return ProcessIdentity.of(pid).isPresent();
    }

    @Test
    void anUnknownNameIsAbsent() {
        assertThat(launcher.find("nobody")).isEqualTo(new Presence.Absent());
        launcher.stop("nobody", true);
        assertThat(launcher.log("nobody", 0, 10)).isEmpty();
        assertThatThrownBy(() -> launcher.find("../nobody")).isInstanceOf(PerennialException.class);
    }

    @Test
    void launchingANameTwiceStartsOneProcess() throws IOException {
        AtomicInteger ended = new AtomicInteger();
        launcher.launch("w", RUN, ended::incrementAndGet);
        launcher.launch("w", RUN, ended::incrementAndGet);
        long pid = awaitPid("w");
        EngineFixture.await(() -> ended.get() == 1);
        assertThat(Files.readAllLines(folder.resolve("starts"))).hasSize(1);
        assertThat(launcher.alive()).containsExactly("w");
        assertThat(ProcessIdentity.of(pid).orElseThrow().group()).contains(pid, grandchild());
        assertThat(new String(launcher.log("w", 0, 10_000), StandardCharsets.UTF_8))
                .contains("--run " + RUN)
                .contains("--worker w");
    }

    @Test
    void anotherLauncherFindsTheProcessAgain() {
        launcher.launch("w", RUN, () -> {});
        long pid = awaitPid("w");
        assertThat(launcher("/bin/true").find("w")).isEqualTo(new Presence.Running(pid));
    }

    @Test
    void stoppingByForceEndsTheGrandchildrenToo() throws IOException {
        launcher.launch("w", RUN, () -> {});
        awaitPid("w");
        launcher.stop("w", false);
        EngineFixture.await(() -> launcher.find("w") instanceof Presence.Gone);
        assertThat(launcher.find("w")).isEqualTo(new Presence.Gone(OptionalInt.empty(), "it died without a word"));
        launcher.stop("w", true);
        long grandchild = grandchild();
        EngineFixture.await(() -> !living(grandchild));
    }

    @Test
    void theExitFileTellsTheCode() throws IOException {
        launcher.launch("w", RUN, () -> {});
        awaitPid("w");
        Files.writeString(folder.resolve("workers/w/exit.json"), "{\"code\":75,\"message\":\"server away\"}");
        launcher.stop("w", true);
        EngineFixture.await(() -> launcher.find("w") instanceof Presence.Gone);
        assertThat(launcher.find("w")).isEqualTo(new Presence.Gone(OptionalInt.of(75), "server away"));
    }

    @Test
    void aProcessOfAnotherBootOrAnotherStartIsGoneAndNeverSignalled() throws IOException {
        launcher.launch("w", RUN, () -> {});
        long pid = awaitPid("w");
        Path file = folder.resolve("workers/w/pid");
        String own = Files.readString(file);
        String[] parts = own.split(" ");
        for (String other : List.of(
                parts[0] + " " + parts[1] + " f" + parts[2],
                parts[0] + " " + (Long.parseLong(parts[1]) - 1) + " " + parts[2])) {
            Files.writeString(file, other);
            assertThat(launcher.find("w")).isInstanceOf(Presence.Gone.class);
            launcher.stop("w", true);
            assertThat(living(pid)).isTrue();
        }
        Files.writeString(file, own);
    }

    @Test
    void aFolderWithoutAProcessNumberIsGoneAfterAWhile() throws IOException {
        Path dir = Files.createDirectory(folder.resolve("workers/w"));
        assertThat(launcher.find("w")).isEqualTo(new Presence.Running(0));
        Files.setLastModifiedTime(
                dir, FileTime.fromMillis(InstantSource.system().millis() - 6_000));
        assertThat(launcher.find("w")).isEqualTo(new Presence.Gone(OptionalInt.empty(), "it never started"));
    }

    @Test
    void onlyTheNewestFoldersOfEndedProcessesAreKept() throws IOException {
        for (String name : List.of("a-1", "b-1", "c-1")) {
            Path dir = Files.createDirectory(folder.resolve("workers").resolve(name));
            Files.writeString(dir.resolve("pid"), "{\"pid\":1,\"start\":0,\"boot\":\"earlier\"}");
            Files.writeString(dir.resolve("log"), "text");
        }
        launcher.launch("0-alive", RUN, () -> {});
        awaitPid("0-alive");
        launcher.prune(1);
        assertThat(folder.resolve("workers").toFile().list()).containsExactlyInAnyOrder("c-1", "0-alive");
    }
}
