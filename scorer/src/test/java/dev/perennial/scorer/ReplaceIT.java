package dev.perennial.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perennial.predictionlog.LogRecord;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** One process in another's place, on the same port and with the same log: the real program, under load. */
@EnabledOnOs(OS.LINUX)
class ReplaceIT {
    private static final String[] REPLACE = {"--replace", "yes"};

    @TempDir
    Path folder;

    private ControlServer server;
    private ScorerProgram program;
    private Caller caller;
    private String champion;

    @BeforeEach
    void prepare() throws IOException {
        server = new ControlServer();
        program = new ScorerProgram(folder, server.port());
        caller = new Caller("http://127.0.0.1:" + program.port());
        champion = Models.variant("m/1", "champion", 0, new Models(folder.resolve("blobs")).model(0.25, "x", "c"));
        server.configure(1, Models.config(1, 0, "null", champion));
    }

    @AfterEach
    void stop() {
        program.close();
        caller.close();
        server.close();
        assertThat(server.violations()).isEmpty();
    }

    private Process first() throws Exception {
        Process process = program.launch();
        server.await("readiness", this::ready);
        return process;
    }

    private boolean ready() {
        try {
            return caller.get("/v2/health/ready").status() == 200;
        } catch (IOException | InterruptedException e) {
            return false;
        }
    }

    private void ends(Process process, int code) throws Exception {
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(program.log()).isTrue();
        assertThat(process.exitValue()).as(program.log()).isEqualTo(code);
    }

    private static void signal(Process process, String name) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    /** Replaces the scorer so often while clients ask it; none may see anything of it. */
    private void underLoad(int replacements) throws Exception {
        Process running = first();
        List<HammeringClient> clients = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            HammeringClient client = HammeringClient.endless(program.port(), "client-" + i, i % 4 == 0);
            clients.add(client);
            threads.add(Thread.ofVirtual().start(client));
        }
        for (int i = 0; i < replacements; i++) {
            Process next = program.launch(REPLACE);
            ends(running, 0);
            assertThat(next.isAlive()).as(program.log()).isTrue();
            running = next;
        }
        clients.forEach(HammeringClient::stop);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(clients).extracting(HammeringClient::failure).containsOnly("");
        server.configure(2, Models.config(2, 1, "null", champion));
        server.awaitFlush(1);
        Set<String> missing = answered(clients);
        missing.removeAll(ids()); // by hash: there are a million of them
        assertThat(missing).isEmpty();
        assertThat(program.log()).contains("took the place of pid").doesNotContain("SEVERE");
    }

    private static Set<String> answered(List<HammeringClient> clients) {
        Set<String> answered = new HashSet<>();
        for (int i = 0; i < clients.size(); i++) {
            for (int answer = 0; answer < clients.get(i).answers(); answer++) {
                answered.add("client-" + i + "-" + answer);
            }
        }
        return answered;
    }

    /** Of what was delivered; none may be twice. */
    private Set<String> ids() {
        List<String> ids = server.records().stream().map(LogRecord::id).toList();
        assertThat(ids).doesNotHaveDuplicates();
        return new HashSet<>(ids);
    }

    @Test
    void clientsSeeNothingOfAReplacementAndEveryAnswerIsDeliveredOnce() throws Exception {
        underLoad(2);
    }

    @Test
    @Tag("long")
    void clientsSeeNothingOfTwentyReplacements() throws Exception {
        underLoad(20);
    }

    @Test
    void newConnectionsGoToTheNewProcessAndWhatTheOldOneLeavesIsDeliveredWhenItIsGone() throws Exception {
        Process old = first();
        caller.predict("of-the-old-one");
        signal(old, "STOP");
        Process next = program.launch(REPLACE);
        awaitLog("listens on");
        for (int i = 0; i < 50; i++) { // half of them would hang
            try (Caller fresh = new Caller("http://127.0.0.1:" + program.port())) {
                fresh.predict("of-the-new-one-" + i);
            }
        }
        server.apply(2, Models.config(2, 1, "null", champion));
        assertThat(server.flushed())
                .as("not all is delivered while the old one lives")
                .isZero();
        old.destroyForcibly();
        server.awaitFlush(1);
        assertThat(ids()).hasSize(51).contains("of-the-old-one");
        assertThat(next.isAlive()).isTrue();
    }

    private void awaitLog(String words) throws Exception {
        server.await("the new one " + words, () -> {
            try {
                return program.log().split(words, -1).length > 2;
            } catch (IOException e) {
                return false;
            }
        });
    }

    @Test
    void withoutTheFlagAPortThatIsTakenIsRefused() throws Exception {
        first();
        try (ScorerProgram other = new ScorerProgram(folder.resolve("other"), server.port(), program.port())) {
            ends(other.launch(), 70);
            assertThat(other.log())
                    .contains("cannot listen on 127.0.0.1:" + program.port() + ": ")
                    .contains("Address already in use; choose another --port");
        }
        assertThat(ready()).isTrue();
    }

    @Test
    void oneOfAnOlderReleaseIsNotReplacedWhileItServes() throws Exception {
        Path spool = Files.createDirectories(folder.resolve("spool"));
        try (FileChannel lock =
                FileChannel.open(spool.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            assertThat(lock.tryLock()).isNotNull(); // as that one did, without a word of who it is
            ends(program.launch(REPLACE), 70);
        }
        assertThat(program.log())
                .contains("is of a release that cannot be replaced while it serves; end it with SIGTERM");
    }

    @Test
    void aThirdOneIsRefusedWhileASecondTakesThePlace() throws Exception {
        Process old = first();
        signal(old, "STOP");
        program.launch(REPLACE);
        awaitLog("listens on");
        ends(program.launch(REPLACE), 70);
        assertThat(program.log()).contains("is in use by a scorer and by the one that replaces it");
    }

    @Test
    void withTheFlagAndNobodyThereItStartsAsAlways() throws Exception {
        program.launch(REPLACE);
        server.await("readiness", this::ready);
        assertThat(caller.predict("a")).hasSize(1);
    }
}
