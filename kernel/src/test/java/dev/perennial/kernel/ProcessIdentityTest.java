package dev.perennial.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessIdentityTest {
    private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(30);

    @TempDir
    Path folder;

    private static ProcessIdentity self() {
        return ProcessIdentity.of(ProcessHandle.current().pid()).orElseThrow();
    }

    @Test
    void theOwnProcessIsAlive() {
        assertThat(self().alive()).isTrue();
        assertThat(self().pid()).isEqualTo(ProcessHandle.current().pid());
    }

    @Test
    void anotherStartTimeOrBootIsAnotherProcess() {
        ProcessIdentity self = self();
        assertThat(new ProcessIdentity(self.pid(), self.started() - 1, self.boot()).alive())
                .isFalse();
        assertThat(new ProcessIdentity(self.pid(), self.started(), "another").alive())
                .isFalse();
    }

    @Test
    void whatIsWrittenIsReadBack() throws IOException {
        Path file = folder.resolve("pid");
        self().write(file);
        assertThat(ProcessIdentity.read(file)).contains(self());
        assertThat(folder).isDirectoryNotContaining("glob:**.new");
    }

    @Test
    void theFileOfAnEarlierReleaseIsUnderstood() {
        assertThat(ProcessIdentity.parse("{\"pid\":12,\"start\":345,\"boot\":\"6b-7\"}\n"))
                .contains(new ProcessIdentity(12, 345, "6b-7"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "12",
                "12 345",
                "12 345 ",
                "x 345 b",
                "12 345 b c",
                "-1 345 b",
                "1234567890123456789 1 b",
                "{}"
            })
    void anythingElseIsNobody(String text) {
        assertThat(ProcessIdentity.parse(text)).isEmpty();
    }

    @Test
    void aFileThatIsNotThereIsNobody() throws IOException {
        assertThat(ProcessIdentity.read(folder.resolve("nothing"))).isEmpty();
    }

    @Test
    void anEndedProcessIsNobodyAndIsNotSignalled() throws IOException, InterruptedException {
        Process process = new ProcessBuilder("sleep", "600").start();
        ProcessIdentity identity = ProcessIdentity.of(process.pid()).orElseThrow();
        identity.signal(true);
        process.waitFor();
        assertThat(identity.alive()).isFalse();
        assertThat(ProcessIdentity.of(process.pid())).isEmpty();
        identity.signal(true);
    }

    @Test
    void theGroupOfALeaderHoldsItsChildrenAlsoWhenItHasEnded() throws IOException, InterruptedException {
        Path number = folder.resolve("child");
        Process leader = new ProcessBuilder("setsid", "sh", "-c", "sleep 600 & echo $! >" + number + "; wait").start();
        ProcessIdentity identity = ProcessIdentity.of(leader.pid()).orElseThrow();
        await(() -> number.toFile().length() > 1);
        long child = Long.parseLong(Files.readString(number).strip());
        assertThat(identity.group()).containsExactlyInAnyOrder(leader.pid(), child);
        leader.destroyForcibly().waitFor();
        assertThat(identity.group()).containsExactly(child);
        ProcessHandle.of(child).ifPresent(ProcessHandle::destroyForcibly);
    }

    @Test
    void theGroupOfAReusedNumberIsEmpty() {
        ProcessIdentity self = self();
        assertThat(new ProcessIdentity(self.pid(), self.started() - 1, self.boot()).group())
                .isEqualTo(List.of());
    }

    @Test
    void aZombieIsDead() throws IOException {
        Path number = folder.resolve("zombie");
        String child = "sh -c 'kill -STOP $$; exit 0' & echo $! >" + number + "; exec sleep 600";
        Process parent = new ProcessBuilder("sh", "-c", child).start();
        try {
            await(() -> number.toFile().length() > 1);
            long zombie = Long.parseLong(Files.readString(number).strip());
            ProcessIdentity identity = ProcessIdentity.of(zombie).orElseThrow();
            assertThat(identity.alive()).isTrue();
            await(() -> {
                run("kill", "-CONT", Long.toString(zombie)); // again, should it have come before the stop
                return !identity.alive();
            });
            assertThat(ProcessIdentity.of(zombie)).isEmpty();
        } finally {
            parent.destroyForcibly();
        }
    }

    private static void run(String... command) {
        try {
            new ProcessBuilder(command).start().waitFor();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("the deadline").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }
}
