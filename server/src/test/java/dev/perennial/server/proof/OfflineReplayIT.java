package dev.perennial.server.proof;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Plans that are held against real files, and replays of a blind schedule: both need a worker and no traffic. */
@ExtendWith(Distribution.class)
class OfflineReplayIT {
    private static final LocalDate TO = LocalDate.of(2024, 3, 11);

    @TempDir
    private static Path folder;

    private static Installation installation;
    private static Parcels parcels;

    @BeforeAll
    static void start() throws IOException {
        installation = Installation.start(folder);
        parcels = Parcels.in(folder.resolve("world"));
    }

    @AfterAll
    static void end() {
        if (installation != null) {
            installation.close();
        }
    }

    @Test
    void aBlindScheduleIsComputedAndKeptWithItsTable() throws IOException {
        JsonNode begun = installation
                .web()
                .post("/api/replays", replay("blind", "Weekly, last 14d, no gates"))
                .json();
        assertThat(begun.at("/plan/policy").asText()).isEqualTo("weekly, last 14d, no gates");
        JsonNode done = ended("blind");

        assertThat(done.path("state").asText())
                .as(done + "\n" + installation.log())
                .isEqualTo("DONE");
        assertThat(done.path("clock").asLong()).isEqualTo(Parcels.six(TO));
        JsonNode arms = done.at("/result/arms");
        assertThat(arms)
                .extracting(arm -> arm.path("name").asText())
                .containsExactly("never retrained", "weekly, last 14d, no gates");
        assertThat(arms.at("/1/months"))
                .extracting(line -> line.path("month").asText())
                .containsExactly("2024-01", "2024-02", "2024-03", "all");
        assertThat(arms.at("/1/months/3/rows")).isEqualTo(arms.at("/0/months/3/rows"));
        assertThat(arms.at("/1/months/3/minusNever/high").asDouble())
                .as("after the change of plan whoever retrains is better")
                .isNegative();
        assertThat(done.at("/result/cost/1/trainings").asInt()).isEqualTo(6);
        assertThat(installation.web().get("/api/replays/blind/table").json()).isEqualTo(done.path("result"));
        assertThat(installation.web().get("/api/replays").json().at("/items/0/result"))
                .isEqualTo(done.path("result"));
        assertThat(installation.web().get("/api/models").json().path("items")).isEmpty();
    }

    @Test
    void wordsThatAreNotUnderstoodAreRefusedWithWhatIsAllowed() throws IOException {
        Web.Answer answer = installation.web().post("/api/replays", replay("wrong", "yearly, last 30d, no gates"));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().at("/error/field").asText()).isEqualTo("policy");
        assertThat(answer.json().at("/error/message").asText())
                .contains("policy 'yearly, last 30d, no gates' is not understood", "'monthly, last 30d, no gates'");
        assertThat(installation.web().get("/api/replays/wrong").status()).isEqualTo(404);
    }

    @Test
    void whatNeedsTrafficIsRefusedWhereNothingIsPlayed() throws IOException {
        ObjectNode stops = replay("stops", "monthly, all, no gates");
        stops.putArray("stops").add(Parcels.six(TO) - 1);
        assertThat(installation
                        .web()
                        .post("/api/replays", stops)
                        .json()
                        .at("/error/field")
                        .asText())
                .isEqualTo("stops");
        ObjectNode contradiction = replay("loop", "never").put("loop", true);
        assertThat(installation
                        .web()
                        .post("/api/replays", contradiction)
                        .json()
                        .at("/error/message")
                        .asText())
                .contains("'loop' is true, but the policy is 'never'");
    }

    @Test
    void aPlanIsHeldAgainstTheFilesOfItsSourcesAndWritesNothing() throws IOException {
        JsonNode entries = installation.web().get("/api/ledger").json().path("entries");
        ObjectNode order = parcels.apply("planned", Parcels.REPLAY_FROM);
        assertThat(installation.web().post("/api/lifecycle/plan", order).json().path("problems"))
                .isEmpty();
        String gone = parcels.text().replace("path: roads.csv", "path: streets.csv");
        JsonNode told = installation
                .web()
                .post("/api/lifecycle/plan", order.deepCopy().put("text", gone))
                .json();
        assertThat(told.at("/problems/0/field").asText()).isEqualTo("sources.roads.path");
        assertThat(told.at("/problems/0/message").asText()).contains("source 'roads': there is no file", "streets.csv");
        JsonNode refused = installation
                .web()
                .post("/api/lifecycle/apply", order.deepCopy().put("text", gone))
                .json();
        assertThat(refused.path("problems")).isEqualTo(told.path("problems"));
        assertThat(refused.path("applied").asBoolean()).isFalse();
        assertThat(installation.web().get("/api/models/parcels@planned").status())
                .isEqualTo(404);
        assertThat(installation.web().get("/api/ledger").json().path("entries")).isEqualTo(entries);
    }

    private static ObjectNode replay(String name, String policy) {
        return parcels.replay(name, TO).put("policy", policy);
    }

    private static JsonNode ended(String name) {
        return Until.isThere(
                "the replay has ended",
                Duration.ofMinutes(3),
                () -> installation
                        .web()
                        .tryGet("/api/replays/" + name)
                        .filter(body -> !body.path("state").asText().equals("RUNNING")));
    }
}
