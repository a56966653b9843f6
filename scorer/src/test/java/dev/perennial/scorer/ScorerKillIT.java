package dev.perennial.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.predictionlog.LogRecord;
import dev.perennial.predictionlog.PredictionRecord;
import dev.perennial.predictionlog.ShadowRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real program in a process of its own, killed. */
class ScorerKillIT {
    @TempDir
    Path folder;

    private ControlServer server;
    private Models models;
    private ScorerProgram program;
    private Process process;
    private Caller caller;

    @BeforeEach
    void prepare() throws IOException {
        server = new ControlServer();
        models = new Models(folder.resolve("blobs"));
        program = new ScorerProgram(folder, server.port());
        caller = new Caller("http://127.0.0.1:" + program.port());
    }

    @AfterEach
    void stop() {
        program.close();
        caller.close();
        server.close();
        assertThat(server.violations()).isEmpty();
    }

    private void launch(String... properties) throws IOException {
        process = program.launch(List.of(properties));
    }

    private void kill() throws InterruptedException {
        process.destroyForcibly(); // SIGKILL
        process.waitFor();
    }

    @Test
    void aServerOfAnotherInstallationEndsIt() throws Exception {
        server.refuse("mine");
        launch();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(76);
        assertThat(folder.resolve("log")).content().contains("its data directory was replaced under it");
    }

    @Test
    void askedToEndItDoesSoWithoutAComplaint() throws Exception {
        String champion = Models.variant("m/1", "champion", 0, models.model(0.25, "x", "c"));
        server.configure(1, Models.config(1, 0, "null", champion));
        launch();
        server.await("revision 1 applied", () -> server.appliedRevision() >= 1);
        process.destroy();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        assertThat(folder.resolve("log")).content().doesNotContain("SEVERE").contains("ended");
    }

    @Test
    void nothingAnsweredIsLostAndNothingCountsTwiceHoweverOftenItIsKilled() throws Exception {
        String champion = Models.variant("m/1", "champion", 0, models.model(0.25, "x", "c"));
        String shadow = Models.variant("m/2", "shadow", 0, models.model(0.5, "x"));
        server.configure(1, Models.config(1, 0, "null", champion, shadow));
        String[] points = {
            "",
            "scorer-before-delivery:2",
            "scorer-after-delivery",
            "scorer-before-shadow:20",
            "scorer-after-delivery:3",
            ""
        };
        Set<String> acknowledged = new HashSet<>();
        int asked = 0;
        for (int round = 0; round < points.length; round++) {
            launch("-Dperennial.crash-at=" + points[round]);
            awaitReady();
            for (int i = 0; i < 60 && process.isAlive(); i++) {
                String id = "k" + asked++;
                try {
                    caller.predict(id);
                    acknowledged.add(id);
                } catch (IOException e) {
                    assertThat(points[round]).as("a call failed without a kill").isNotEmpty();
                }
            }
            if (!points[round].isEmpty()) {
                process.waitFor(
                        20,
                        java.util.concurrent.TimeUnit
                                .SECONDS); // it dies at its point, which may come after the answers
            }
            if (round == 1) {
                server.stop();
            }
            kill();
            if (round == 2) {
                server.start();
            }
        }
        launch();
        awaitReady();
        server.configure(2, Models.config(2, 1, "null", champion, shadow));
        server.awaitFlush(1);

        List<LogRecord> records = server.records();
        List<String> predictions = ids(records, PredictionRecord.class);
        assertThat(new HashSet<>(predictions)).containsAll(acknowledged);
        assertThat(predictions).as("no prediction is in two segments").doesNotHaveDuplicates();
        assertThat(new HashSet<>(ids(records, ShadowRecord.class)))
                .as("every copy was scored, kills or not")
                .containsAll(acknowledged);
        assertThat(acknowledged.size()).isGreaterThan(150);
        assertThat(server.puts()).as("a delivered segment came again").isGreaterThan(server.segmentCount());
    }

    @Test
    void sigtermAnswersSealsDeliversAndEndsWithZero() throws Exception {
        server.configure(
                1, Models.config(1, 0, "null", Models.variant("m/1", "champion", 0, models.model(0.25, "x", "c"))));
        launch();
        awaitReady();
        caller.predict("a", "b", "c");
        process.destroy();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        assertThat(server.records()).hasSize(3);
    }

    @Test
    void sigtermLosesNoRequestOfManyClientsThatGoOn() throws Exception {
        server.configure(
                1, Models.config(1, 0, "null", Models.variant("m/1", "champion", 0, models.model(0.25, "x", "c"))));
        launch();
        awaitReady();
        List<HammeringClient> clients = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            HammeringClient client = new HammeringClient(program.port(), "client-" + i);
            clients.add(client);
            threads.add(Thread.ofVirtual().start(client));
        }
        server.await("answers", () -> clients.stream().allMatch(client -> client.answers() > 20));
        process.destroy();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(clients).extracting(HammeringClient::failure).containsOnly("");
        assertThat(process.exitValue()).isZero();
        long answered = clients.stream().mapToLong(HammeringClient::answers).sum();
        assertThat(server.records()).as("what was answered is logged").hasSizeGreaterThanOrEqualTo((int) answered);
    }

    @Test
    void aTakenSpoolAndWrongFlagsEndWithAClearMessage() throws Exception {
        launch();
        awaitListening();
        try (ScorerProgram another = new ScorerProgram(folder, server.port())) {
            Process second = another.launch();
            assertThat(second.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(second.exitValue()).isEqualTo(70);
        }
        assertThat(program.log()).contains("in use by another scorer");
    }

    private static List<String> ids(List<LogRecord> records, Class<? extends LogRecord> kind) {
        return records.stream().filter(kind::isInstance).map(LogRecord::id).collect(Collectors.toList());
    }

    private void awaitReady() throws InterruptedException {
        server.await("readiness", () -> status("/v2/health/ready") == 200 || !process.isAlive());
    }

    private void awaitListening() throws InterruptedException {
        server.await("the port", () -> status("/v2/health/live") == 200);
    }

    private int status(String path) {
        try {
            return caller.get(path).status();
        } catch (IOException | InterruptedException e) {
            return -1;
        }
    }
}
