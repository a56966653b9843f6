package dev.perennial.server.proof;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.testkit.TemporaryPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The loop on PostgreSQL: a first version, three weeks of traffic, a candidate, an act of a person, and the pages that show it. */
@ExtendWith(Distribution.class)
class PostgresStoryIT {
    private static final String MODEL = "parcels@postgres";

    @TempDir
    private Path folder;

    @Test
    void theLoopRunsOnPostgres() throws IOException {
        String url = TemporaryPostgres.freshDatabase();
        Parcels parcels = Parcels.in(folder.resolve("world"));
        try (Installation installation = Installation.start(
                folder, "-Dperennial.database-url=" + url, "-Dperennial.database-user=" + TemporaryPostgres.USER)) {
            Web web = installation.web();
            assertThat(web.post("/api/replays", parcels.replay("postgres", LocalDate.of(2024, 2, 14)))
                            .status())
                    .isEqualTo(200);
            String state = Until.isThere(
                    "the replay has ended",
                    Duration.ofMinutes(6),
                    () -> web.tryGet("/api/replays/postgres")
                            .map(body -> body.path("state").asText())
                            .filter(text -> !text.equals("RUNNING")));
            assertThat(state).as(installation.log()).isEqualTo("DONE");
            List<String> decisions = new ArrayList<>();
            for (JsonNode decision :
                    web.get("/api/models/" + MODEL + "/decisions").json().path("items")) {
                decisions.addFirst(decision.path("kind").asText() + " "
                        + decision.path("verdict").asText());
            }
            assertThat(decisions)
                    .startsWith("APPLY APPLIED", "RETRAIN FIRED", "GATE PASS")
                    .contains("GATE FAIL");
            for (String page : List.of(
                    "/api/models",
                    "/api/models/" + MODEL,
                    "/api/models/" + MODEL + "/versions",
                    "/api/models/" + MODEL + "/versions/1",
                    "/api/models/" + MODEL + "/timeline",
                    "/api/models/" + MODEL + "/performance",
                    "/api/models/" + MODEL + "/drift",
                    "/api/models/" + MODEL + "/why",
                    "/api/alerts",
                    "/api/replays",
                    "/api/pipelines/runs",
                    "/api/endpoints",
                    "/api/events",
                    "/api/ledger",
                    "/api/ledger/entries",
                    "/api/ledger/entries?stream=model:" + MODEL,
                    "/api/notifications")) {
                assertThat(web.get(page).status()).as(page).isEqualTo(200);
            }
            assertThat(web.get("/api/models/" + MODEL).json().path("records").asLong())
                    .isEqualTo(23 * 72);
            assertThat(web.get("/api/models/" + MODEL + "/performance?windowDays=1")
                            .json()
                            .path("points"))
                    .hasSize(23);
            assertThat(installation.log()).doesNotContain("PSQLException").doesNotContain("cannot turn now");
        }
    }
}
