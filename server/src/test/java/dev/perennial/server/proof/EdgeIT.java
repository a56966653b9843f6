package dev.perennial.server.proof;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.ProcessIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Where the programs touch: what a server says of its scorer, refuses before it reads, and how it ends. The last test ends it. */
@ExtendWith(Distribution.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class EdgeIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private static Path folder;

    private static Installation installation;

    @BeforeAll
    static void start() throws IOException {
        installation = Installation.start(folder);
        installation.scorer();
    }

    @AfterAll
    static void end() {
        if (installation != null) {
            installation.close();
        }
    }

    private static JsonNode scorer() throws IOException {
        return installation.web().get("/api/status").json().at("/scorers/0");
    }

    @Test
    @Order(1)
    void theStatusNamesTheScorersProcess() throws IOException {
        assertThat(scorer().path("pid").asLong())
                .isEqualTo(installation.scorerPid().orElseThrow());
        assertThat(scorer().path("state").asText()).isEqualTo("RUNNING");
    }

    /** Reads to the end of the connection, so it also shows that the server ends it. */
    @Test
    @Order(1)
    void aSegmentWithAWrongTokenIsRefusedBeforeItsBodyIsSent() throws IOException {
        Web.Answer answer = installation
                .web()
                .send(
                        "PUT",
                        "/internal/scorers/local-1/segments/1/1",
                        List.of("Authorization: Bearer no", "Content-Length: 900000000"),
                        new byte[0]);
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.json().at("/error/code").asText()).isEqualTo("PERMISSION_DENIED");
    }

    @Test
    @Order(1)
    void anAddressThatIsNotWellFormedIsRefusedInJson() throws IOException {
        for (String path : List.of("/%zz", "/api/models/%zz", "/api/models/a%", "/api/models?page_token=%g1")) {
            Web.Answer answer = installation.web().get(path);
            assertThat(answer.status()).as(path).isEqualTo(400);
            assertThat(answer.json().at("/error/field").asText()).as(path).isEqualTo("path");
        }
    }

    @Test
    @Order(1)
    void aScorerOfAnotherInstallationIsRefused() throws IOException {
        String token = Files.readString(installation.data().resolve("internal.token"));
        Web.Answer answer = installation
                .web()
                .send(
                        "GET",
                        "/internal/scorers/local-1/config?revision=-1",
                        List.of("Authorization: Bearer " + token, "X-Perennial-Installation: another"),
                        new byte[0]);
        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.json().at("/error/message").asText())
                .contains("installation another")
                .contains(Files.readString(installation.data().resolve("installation.id")));
    }

    @Test
    @Order(1)
    void theScorerIsReplacedWithoutARefusedConnectionAndTheServerKnowsTheNewOne() throws Exception {
        try (Visitors visitors = new Visitors(installation.scorer().getPort())) {
            long before = installation.scorerPid().orElseThrow();
            Web.Answer answer = installation.web().post("/api/scorers/local-1/replace", "{}");
            assertThat(answer.status()).as(answer.body()).isEqualTo(200);
            assertThat(answer.json().path("before").asLong()).isEqualTo(before);
            assertThat(answer.json().path("pid").asLong())
                    .isEqualTo(installation.scorerPid().orElseThrow())
                    .isEqualTo(scorer().path("pid").asLong())
                    .isNotEqualTo(before);
            assertThat(ProcessHandle.of(before)).isEmpty();
            assertThat(visitors.failures()).isEmpty();
        }
    }

    @Test
    @Order(1)
    void aScorerThatThisServerDidNotStartIsNotReplacedByIt() throws IOException {
        Web.Answer answer = installation.web().post("/api/scorers/edge/replace", "{}");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().at("/error/message").asText())
                .isEqualTo(
                        "scorer 'edge' was not started by this server: replace it where it runs, by 'perennial scorer"
                                + " --replace' with the flags that it has");
    }

    @Test
    @Order(1)
    void talliesAreToldOfEndpointsThatAreThereForTimesThatAreTimes() throws IOException {
        Web web = installation.web();
        assertThat(web.get("/api/endpoints/nobody/tallies").status()).isEqualTo(404);
        web.post("/api/endpoints", "{\"name\":\"counted\",\"by\":\"ann\",\"reason\":\"x\"}");
        JsonNode empty =
                web.get("/api/endpoints/counted/tallies?from=0&to=60000").json();
        assertThat(empty)
                .isEqualTo(Json.parse("{\"endpoint\":\"counted\",\"from\":0,\"to\":60000,\"every\":15,\"records\":0,"
                        + "\"items\":[],\"sums\":[]}"));
        for (String wrong :
                List.of("from=5&to=5", "from=-1&to=5", "from=0&to=1&every=0", "from=0&to=60060000&every=1")) {
            Web.Answer answer = web.get("/api/endpoints/counted/tallies?" + wrong);
            assertThat(answer.status()).as(wrong).isEqualTo(400);
            assertThat(answer.json().at("/error/field").asText()).isEqualTo(wrong.contains("every") ? "every" : "from");
        }
    }

    @Test
    @Order(2)
    void aServerOfTheSameBuildKeepsItsScorerAndOneOfAnotherReplacesItWithoutARefusedConnection() throws Exception {
        long first = installation.scorerPid().orElseThrow();
        installation.killServer();
        installation.startServer();
        installation.scorer();
        assertThat(installation.scorerPid()).contains(first);
        int port = installation.scorer().getPort();
        installation.killServer();
        try (Visitors visitors = new Visitors(port)) {
            installation.startServer("-Dperennial.dist=" + otherBuild());
            Until.isTrue(
                    "the scorer of the new build has the place",
                    PATIENCE,
                    () -> installation.scorerPid().filter(pid -> pid != first).isPresent());
            assertThat(visitors.failures()).isEmpty();
        }
        assertThat(installation.log()).contains("(pid " + first + ") is of another build and is replaced");
    }

    /** The same programs, and one more jar for the scorer. */
    private static Path otherBuild() throws IOException {
        Path dist = Files.createDirectories(folder.resolve("dist"));
        for (String program : List.of("server", "worker", "cli")) {
            Files.createSymbolicLink(
                    dist.resolve(program), Distribution.folder().resolve(program));
        }
        Path scorer = Files.createDirectories(dist.resolve("scorer"));
        try (var jars = Files.list(Distribution.folder().resolve("scorer"))) {
            for (Path jar : jars.toList()) {
                Files.createSymbolicLink(scorer.resolve(jar.getFileName()), jar);
            }
        }
        new JarOutputStream(Files.newOutputStream(scorer.resolve("more.jar")), new Manifest()).close();
        return dist;
    }

    /** Connects to the scorer again and again until it is closed. */
    private static final class Visitors implements AutoCloseable {
        private final Queue<String> failures = new ConcurrentLinkedQueue<>();
        private final Thread thread;
        private volatile boolean done;

        Visitors(int port) {
            thread = Thread.ofVirtual().start(() -> {
                while (!done) {
                    try {
                        int status = new Web(port).get("/v2/health/live").status();
                        if (status != 200) {
                            failures.add("status " + status);
                        }
                    } catch (IOException e) {
                        failures.add(e.toString());
                    }
                }
            });
        }

        List<String> failures() {
            return List.copyOf(failures);
        }

        @Override
        public void close() throws InterruptedException {
            done = true;
            thread.join();
        }
    }

    @Test
    @Order(3)
    void aScorerWhoseDataDirectoryWasReplacedEndsAndANewOneServes() throws IOException {
        Path pid = installation.data().resolve("scorer/local-1/pid");
        ProcessIdentity old = ProcessIdentity.read(pid).orElseThrow();
        installation.killServer();
        delete(installation.data());
        installation.startServer();
        Until.isTrue("the old scorer has ended", PATIENCE, () -> !old.alive());
        Until.isTrue(
                "a new scorer lives", PATIENCE, () -> installation.scorerPid().isPresent());
        assertThat(installation.scorerPid().orElseThrow()).isNotEqualTo(old.pid());
    }

    @Test
    @Order(4)
    void aServerThatIsAskedToEndDoesSoWithoutAWordOfComplaint() throws Exception {
        installation.scorer(); // it waits for news now, which must not hold up the end
        assertThat(installation.stopServer(PATIENCE)).isEqualTo(143);
        assertThat(installation.log()).doesNotContain("Timed out waiting").doesNotContain("ERROR");
    }

    private static void delete(Path data) throws IOException {
        try (var files = Files.walk(data)) {
            files.sorted(java.util.Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }
}
