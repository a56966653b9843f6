package dev.perennial.server.proof;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.testkit.PythonScript;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A whole installation where callers sign in: official clients with a token of their own each, and a replay that nobody signs in for. */
@ExtendWith(Distribution.class)
class SignedInIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String PASSWORD = "correct horse battery";
    private static final String CHURN = "/api/endpoints/churn";
    private static final LocalDate TO = Parcels.REPLAY_FROM.plusDays(6);

    @TempDir
    private static Path folder;

    private static Installation installation;
    private static final List<String> TOKENS = new ArrayList<>();

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        installation = Installation.guarded(folder, PASSWORD);
        String url = "http://root:" + PASSWORD.replace(" ", "%20") + "@127.0.0.1:" + installation.port();
        PythonScript.CLIENT.run(folder, "deploy_flow.py", url);
        TOKENS.add(token("maria", "maintainer", Json.object()));
        TOKENS.add(token("ulla", "contributor", Json.object().put("endpoint", "churn")));
        TOKENS.add(token("vera", "viewer", Json.object()));
        TOKENS.add(token("stan", "", Json.object()));
        deploy(1);
        deploy(2);
    }

    @AfterAll
    static void end() {
        if (installation != null) {
            installation.close();
        }
    }

    private static JsonNode done(Web.Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json();
    }

    /** A new person's token. */
    private static String token(String name, String role, ObjectNode more) throws IOException {
        ObjectNode person =
                Json.object().put("name", name).put("password", PASSWORD).put("role", role);
        done(installation.web().post("/api/access/users", person));
        return done(installation
                        .web()
                        .post("/api/access/tokens", more.put("user", name).put("name", "test")))
                .path("token")
                .asText();
    }

    /** Makes a version of the flowers the champion, and waits until the scorer says so. */
    private static void deploy(int version) throws IOException {
        ObjectNode body = Json.object()
                .put("version", "Iris flowers/" + version)
                .put("now", true)
                .put("reason", "tried by its clients");
        done(installation.web().post(CHURN + "/deploy", body));
        Until.isTrue("version " + version + " serves", PATIENCE, () -> {
            JsonNode churn = installation.web().tryGet(CHURN).orElseThrow();
            return churn.path("variants").size() == version
                    && churn.path("state").asText().equals("SERVING");
        });
    }

    private static String scorer() {
        URI url = installation.scorer();
        return url.getHost() + ":" + url.getPort();
    }

    /** What the ledger has of loading and unloading, the oldest first: who, what was loaded, what was unloaded. */
    private static List<String> warmed() throws IOException {
        List<String> told = new ArrayList<>();
        done(installation.web().get("/api/ledger/entries?stream=endpoint:churn&limit=1000"))
                .path("items")
                .forEach(entry -> {
                    JsonNode payload = entry.path("payload");
                    if (payload.has("unloaded")) {
                        told.add(entry.path("actor").asText() + " " + payload.path("loaded") + " "
                                + payload.path("unloaded"));
                    }
                });
        return told;
    }

    @ParameterizedTest
    @CsvSource({"serving_signed_in_triton_flow.py, 7, 2", "serving_signed_in_kserve_flow.py, 4, 0"})
    void officialClientsDoWhatTheirTokensAllowAndTheLedgerTellsIt(String script, int flows, int turns)
            throws IOException, InterruptedException {
        List<String> before = warmed();
        List<String> arguments = new ArrayList<>(List.of(scorer()));
        arguments.addAll(TOKENS);
        PythonScript.SERVING_CLIENTS.pass(folder, script, flows, arguments.toArray(String[]::new));
        List<String> expected = new ArrayList<>(before);
        for (int turn = 0; turn < turns; turn++) {
            expected.add("user:maria [] [\"Iris flowers/1\"]");
            expected.add("user:maria [\"Iris flowers/1\"] []");
        }
        assertThat(warmed()).isEqualTo(expected);
    }

    @Test
    void whatTheScorerDoesIsSeenByWhoMayReadIt() throws IOException {
        Web vera = new Web(installation.port(), "Authorization: Bearer " + TOKENS.get(2));
        JsonNode live = done(vera.get(CHURN + "/live"));
        assertThat(live.at("/scorers/0/answered").asBoolean())
                .as(live.toString())
                .isTrue();
        assertThat(live.path("versions"))
                .extracting(one -> one.path("version").asText())
                .contains("2");
        assertThat(done(vera.get("/api/live")).path("items"))
                .extracting(one -> one.path("endpoint").asText())
                .contains("churn");
    }

    @Test
    void aRevokedTokenIsRefusedByTheScorerToo() throws IOException {
        String token = token("rita", "maintainer", Json.object());
        Web asked = new Web(installation.scorer().getPort(), "Authorization: Bearer " + token);
        String body = "{\"records\":[{\"petal\":0.75,\"leaves\":3}]}";
        Until.isTrue("the scorer knows it", PATIENCE, () -> status(asked, body) == 200);
        String id = token.split("_")[2];
        done(installation.web().post("/api/access/tokens/" + id + "/revoke", Json.object()));
        Until.isTrue("the scorer has forgotten it", PATIENCE, () -> status(asked, body) == 401);
    }

    private static int status(Web web, String body) {
        try {
            return web.post("/endpoints/churn/predict", body).status();
        } catch (IOException e) {
            return 0;
        }
    }

    @Test
    void aReplayPlaysItsTrafficAndCountsEachPredictionOnce() throws IOException {
        ObjectNode replay = Parcels.in(folder.resolve("world")).replay("guarded", TO);
        done(installation.web().post("/api/replays", replay));
        JsonNode ended = Until.isThere(
                "the replay has ended",
                PATIENCE,
                () -> installation
                        .web()
                        .tryGet("/api/replays/guarded")
                        .filter(body -> !body.path("state").asText().equals("RUNNING")));
        assertThat(ended.path("state").asText())
                .as(ended + "\n" + installation.log())
                .isEqualTo("DONE");
        JsonNode days = done(installation.web().get("/api/models/parcels@guarded/performance?windowDays=1"))
                .path("points");
        assertThat(days).hasSize((int) Parcels.REPLAY_FROM.until(TO).getDays());
        for (int day = 1; day < days.size(); day++) {
            assertThat(days.path(day).path("rows").asInt())
                    .as(days.path(day).toString())
                    .isEqualTo(72);
        }
    }
}
