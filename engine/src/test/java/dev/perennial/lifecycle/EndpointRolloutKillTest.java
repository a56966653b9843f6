package dev.perennial.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.testing.FreshSqlite;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that is killed before and after each move of a rollout does each move once. */
class EndpointRolloutKillTest {
    private static final int KILLED = 137;

    @TempDir
    Path folder;

    private int play(String crash) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-Dperennial.crash-at=" + crash,
                        "-cp",
                        System.getProperty("java.class.path"),
                        EndpointRolloutStory.class.getName(),
                        folder.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("story.log").toFile())
                .start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).as(crash).isTrue();
        return process.exitValue();
    }

    @Test
    void aKillBeforeOrAfterEachMoveNeitherLosesNorRepeatsIt() throws Exception {
        assertThat(play("endpointrollout.beforeCommit")).isEqualTo(KILLED);
        assertThat(play("endpointrollout.afterCommit")).isEqualTo(KILLED);
        assertThat(play("endpointrollout.beforeCommit")).isEqualTo(KILLED);
        assertThat(play("endpointrollout.afterCommit")).isEqualTo(KILLED);
        try (EndpointFixture life = new EndpointFixture(folder, FreshSqlite.under(folder.resolve("data")))) {
            String rollout = life.book.list(EndpointFixture.ENDPOINT).getFirst().id();
            assertThat(life.book.decisions(rollout))
                    .extracting(id -> life.decisions
                            .find(EndpointFixture.ENDPOINT, id)
                            .orElseThrow()
                            .verdict())
                    .containsExactly("STARTED", "ADVANCE STEP_PASSED", "PROMOTE STEP_PASSED");
            assertThat(life.serving()).containsExactly("iris/1 warm 0", "iris/2 champion 10000");
            assertThat(life.book.looks(rollout)).hasSize(2);
        }
    }
}
