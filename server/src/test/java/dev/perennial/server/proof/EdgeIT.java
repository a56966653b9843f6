package dev.perennial.server.proof;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.ProcessIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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
    @Order(2)
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
    @Order(3)
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
