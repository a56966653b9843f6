package dev.perennial.server.proof;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Bad input of every kind on every route: always a 4xx that says why, and nothing is changed by it. */
@ExtendWith(Distribution.class)
class BadInputIT {
    private static final String MODEL = "parcels@quiet";
    private static final String RUN = "00000000-0000-0000-0000-000000000000";
    private static final ObjectNode ACT = Json.object().put("by", "ann").put("reason", "because");

    @TempDir
    private static Path folder;

    private static Installation installation;
    private static Parcels parcels;
    private static URI scorer;
    private Map<String, String> before;

    /** A route: its address with {@code {id}} where one stands, and a body that it would take, null for none. */
    private record Route(String method, String path, ObjectNode good) {
        static Route get(String path) {
            return new Route("GET", path, null);
        }

        static Route post(String path, ObjectNode good) {
            return new Route("POST", path, good);
        }

        String at(String id) {
            return path.replace("{id}", id).replace("{model}", MODEL);
        }
    }

    @BeforeAll
    static void aModelThatNobodyMoves() throws IOException {
        parcels = Parcels.in(folder.resolve("world"));
        installation = Installation.start(folder);
        assertThat(installation
                        .web()
                        .post("/api/lifecycle/apply", parcels.apply("quiet", Parcels.REPLAY_FROM))
                        .status())
                .isEqualTo(200);
        Until.isTrue(
                "the first version serves and nothing is due",
                Duration.ofSeconds(120),
                () -> installation
                        .web()
                        .tryGet("/api/models/" + MODEL)
                        .filter(model -> model.path("state").asText().equals("SERVING"))
                        .isPresent());
        scorer = installation.scorer();
        Until.isTrue(
                "the scorer serves it",
                Duration.ofSeconds(60),
                () -> new Web(scorer.getPort())
                        .tryGet("/v2/models/" + MODEL + "/ready")
                        .isPresent());
    }

    @AfterAll
    static void end() {
        if (installation != null) {
            installation.close();
        }
    }

    @BeforeEach
    void remember() throws SQLException {
        Until.isTrue(
                "the ledger is sealed",
                Duration.ofSeconds(30),
                () -> installation
                        .web()
                        .tryGet("/api/ledger")
                        .filter(ledger -> ledger.path("sealed").asLong()
                                == ledger.path("entries").asLong())
                        .isPresent());
        before = DatabaseContent.of(installation.data());
    }

    @AfterEach
    void nothingChanged() throws SQLException {
        assertThat(DatabaseContent.of(installation.data())).isEqualTo(before);
    }

    private static List<Route> reads() {
        return List.of(
                Route.get("/api/models/{id}"),
                Route.get("/api/models/{id}/versions"),
                Route.get("/api/models/{id}/versions/1"),
                Route.get("/api/models/{model}/versions/{id}"),
                Route.get("/api/models/{id}/decisions"),
                Route.get("/api/models/{model}/decisions/{id}"),
                Route.get("/api/pipelines/runs/{id}"),
                Route.get("/api/models/{id}/timeline"),
                Route.get("/api/models/{id}/performance"),
                Route.get("/api/models/{id}/why"),
                Route.get("/api/models/{id}/drift"),
                Route.get("/api/alerts/{id}"),
                Route.get("/api/replays/{id}"),
                Route.get("/api/replays/{id}/table"));
    }

    private static List<Route> writes() {
        ObjectNode file = Json.object()
                .put("text", parcels.text())
                .put("path", parcels.path().toString());
        ObjectNode order = parcels.apply("quiet2", Parcels.REPLAY_FROM);
        order.putObject("sourcePaths");
        ObjectNode candidate = ACT.deepCopy();
        candidate.setAll(file);
        candidate.put("declaredUntil", 1).put("drill", true);
        ObjectNode label = Json.object().put("clock", Parcels.six(Parcels.REPLAY_FROM));
        label.putArray("labels").addObject().put("id", "x").put("label", 1).put("eventTime", 1);
        ObjectNode arrivals = Json.object();
        arrivals.putObject("newest");
        ObjectNode replay =
                parcels.replay("never", Parcels.REPLAY_TO, Parcels.NEW_PLAN).put("loop", true);
        replay.putArray("outages");
        return List.of(
                Route.post("/api/lifecycle/validate", file),
                Route.post("/api/lifecycle/plan", order),
                Route.post("/api/lifecycle/apply", order),
                Route.post("/api/models/{id}/rollback", ACT),
                Route.post("/api/models/{id}/pause", ACT),
                Route.post("/api/models/{id}/resume", ACT),
                Route.post("/api/models/{id}/abort", ACT),
                Route.post("/api/models/{id}/sign", ACT.deepCopy().put("version", 1)),
                Route.post("/api/models/{id}/candidates", candidate),
                Route.post("/api/models/{id}/labels", label),
                Route.post("/api/models/{id}/arrivals", arrivals),
                Route.post("/api/alerts/{id}/acknowledge", ACT),
                Route.post("/api/alerts/{id}/silence", ACT.deepCopy().put("until", 1)),
                Route.post("/api/pipelines/runs/{id}/cancel", ACT),
                new Route("PUT", "/api/notifications", Json.object().put("webhook", "http://example.org/")),
                Route.post("/api/replays", replay),
                Route.post(
                        "/api/replays/{id}/advance", Json.object().put("to", 1).put("opens", 1)));
    }

    @Test
    void namesThatNameNothingAreRefused() throws IOException {
        BadRequests bad = new BadRequests(installation.web());
        for (Route route : reads()) {
            for (String id : BadRequests.IDS) {
                bad.refused(route.method(), route.at(id), List.of(), new byte[0]);
            }
        }
        for (Route route : writes()) {
            if (route.path().contains("{id}")) {
                for (String id : BadRequests.IDS) {
                    bad.refusedJson(route.method(), route.at(id), route.good().toString());
                }
            }
        }
        for (String path : List.of("release", "cancel")) {
            for (String id : BadRequests.IDS) {
                bad.refusedJson("POST", "/api/replays/" + id + "/" + path, "{}");
            }
        }
        told(bad);
    }

    @Test
    void bodiesThatAreNoObjectAreRefused() throws IOException {
        BadRequests bad = new BadRequests(installation.web());
        for (Route route : writes()) {
            bad.noObject(route.method(), route.at(route.path().contains("runs") ? RUN : MODEL));
        }
        told(bad);
    }

    @Test
    void fieldsOfAnotherTypeAndUnknownKeysAreRefusedByName() throws IOException {
        BadRequests bad = new BadRequests(installation.web());
        for (Route route : writes()) {
            bad.wrongFields(route.method(), route.at(route.path().contains("runs") ? RUN : MODEL), route.good());
        }
        bad.refusedJson(
                "POST", "/api/models/" + MODEL + "/pause", "{\"by\":\"ann\",\"reason\":\"half a \\ud83d\"}", "reason");
        String label = "{\"labels\":[{\"id\":%s,\"label\":%s,\"eventTime\":%s,\"knownAt\":%s%s}]}";
        String path = "/api/models/" + MODEL + "/labels";
        bad.refusedJson("POST", path, label.formatted("1", "1", "1", "1", ""), "id");
        bad.refusedJson("POST", path, label.formatted("\"\"", "1", "1", "1", ""), "id");
        bad.refusedJson("POST", path, label.formatted("\"a\\n\"", "1", "1", "1", ""), "id");
        bad.refusedJson("POST", path, label.formatted("\"x\"", "2", "1", "1", ""), "label");
        bad.refusedJson("POST", path, label.formatted("\"x\"", "NaN", "1", "1", ""));
        bad.refusedJson("POST", path, label.formatted("\"x\"", "1", "\"soon\"", "1", ""), "eventTime");
        bad.refusedJson("POST", path, label.formatted("\"x\"", "1", "1e300", "1", ""), "eventTime");
        bad.refusedJson("POST", path, label.formatted("\"x\"", "1", "1", "\"late\"", ""), "knownAt");
        bad.refusedJson("POST", path, label.formatted("\"x\"", "1", "1", "253402300799999", ""), "knownAt");
        bad.refusedJson("POST", path, label.formatted("\"x\"", "1", "1", "1", ",\"more\":1"), "more");
        told(bad);
    }

    @Test
    void queriesThatMakeNoSenseAreRefused() throws IOException {
        BadRequests bad = new BadRequests(installation.web());
        for (String list : List.of(
                "/api/models",
                "/api/models/" + MODEL + "/versions",
                "/api/models/" + MODEL + "/decisions",
                "/api/pipelines/runs",
                "/api/alerts",
                "/api/replays",
                "/api/ledger/entries")) {
            for (String value : List.of("abc", "0", "-1", "1.5", "NaN", "99999", "99999999999999999999", "%00")) {
                bad.refusedGet(list + "?limit=" + value);
            }
            bad.refusedGet(list + "?limit=", "'limit' must be a whole number, it is empty");
            for (String value : List.of("!!!", "%00", "a%0Ab", "%ff")) {
                bad.refusedGet(list + "?page_token=" + value);
            }
        }
        for (String value : List.of("x", "0", "-1", "367", "99999999999")) {
            bad.refusedGet("/api/models/" + MODEL + "/performance?windowDays=" + value);
        }
        bad.refusedGet("/api/models/" + MODEL + "/drift?day=yesterday", "day");
        bad.refusedGet("/api/models/" + MODEL + "/decisions?kind=NONE", "kind");
        bad.refusedGet("/api/alerts?state=NONE", "state");
        bad.refusedGet("/api/alerts?model=..%2f");
        bad.refusedGet("/api/events?after=x");
        bad.refusedGet("/api/events?wait=x");
        bad.refusedGet("/api/events?wait=", "'wait' must be a whole number, it is empty");
        bad.refusedGet("/api/events?model=%F0%9F%98%80");
        bad.refusedGet("/api/no-such-route");
        bad.refused("DELETE", "/api/models", List.of(), new byte[0]);
        bad.refusedJson("POST", "/api/status", "{}");
        told(bad);
    }

    @Test
    void pagesOfOtherSitesAndOtherHostsAreRefusedEverywhere() throws IOException {
        BadRequests bad = new BadRequests(installation.web());
        for (Route route : reads()) {
            bad.foreign(route.method(), route.at(MODEL));
        }
        for (Route route : writes()) {
            bad.foreign(route.method(), route.at(MODEL));
        }
        for (String path :
                List.of("/", "/api/status", "/api/ledger/export", "/internal/scorers/local-1/config", "/q/health")) {
            bad.foreign("GET", path);
        }
        told(bad);
    }

    @Test
    void internalRoutesNeedTheTokenWhateverElseIsSent() throws IOException {
        BadRequests bad = new BadRequests(installation.web());
        for (String token : List.of(
                "Authorization: Bearer ", "Authorization: Bearer 00", "X-None: 1", "Authorization: Basic eDp5")) {
            List<String> headers = List.of("Content-Type: application/json", token);
            for (String id : List.of("local-1", "..%2f..", "%00", "x".repeat(3000))) {
                bad.refused("GET", "/internal/scorers/" + id + "/config", headers, new byte[0]);
                for (String body : List.of("", "{}", "[]", "NaN", "{\"flush\":9}")) {
                    byte[] bytes = body.getBytes(java.nio.charset.StandardCharsets.UTF_8);
                    bad.refused("POST", "/internal/scorers/" + id + "/flushed", headers, bytes);
                    bad.refused("POST", "/internal/scorers/" + id + "/fuse", headers, bytes);
                    bad.refused("PUT", "/internal/scorers/" + id + "/segments/1/1", headers, bytes);
                    bad.refused("POST", "/internal/worker/runs/" + id + "/claim", headers, bytes);
                    bad.refused("POST", "/internal/worker/attempts/" + id + "/heartbeat", headers, bytes);
                    bad.refused("POST", "/internal/worker/attempts/" + id + "/complete", headers, bytes);
                    bad.refused("POST", "/internal/worker/attempts/" + id + "/fail", headers, bytes);
                }
            }
        }
        told(bad);
    }

    @Test
    void theScorerRefusesWhatItCannotReadAndAnswersTheNextRequest() throws IOException {
        Web web = new Web(scorer.getPort());
        BadRequests bad = new BadRequests(web);
        String plain = "/endpoints/" + MODEL + "/predict";
        String infer = "/v2/models/" + MODEL + "/infer";
        for (String path : List.of(plain, infer)) {
            bad.noObject("POST", path);
            bad.foreign("POST", path);
            bad.refused("GET", path, List.of(), new byte[0]);
            for (String id : BadRequests.IDS) {
                bad.refusedJson("POST", path.replace(MODEL, id), record().toString());
            }
        }
        for (var field : row().properties()) {
            for (String value : List.of("[]", "{}", "true", "\"\\u0000\"", "\"\\ud800\"", "1e999")) {
                boolean number = field.getValue().isNumber() && value.equals("1e999");
                if (field.getValue().isTextual() || !value.equals("1e999") || number) {
                    ObjectNode records = record();
                    String body = records.toString()
                            .replace(
                                    "\"" + field.getKey() + "\":" + field.getValue(),
                                    "\"" + field.getKey() + "\":" + value);
                    bad.refusedJson("POST", plain, body);
                }
            }
        }
        ObjectNode more = record();
        ((ObjectNode) more.at("/records/0")).put("surprise", 1);
        bad.refusedJson("POST", plain, more.toString(), "surprise");
        ObjectNode future = record();
        ((ObjectNode) future.at("/records/0")).put("predicted_at", Parcels.six(Parcels.REPLAY_TO));
        bad.refusedJson("POST", plain, future.toString(), "predicted_at", "future");
        for (String path : List.of(
                "/none",
                "/endpoints",
                "/endpoints//predict",
                "/v2/models/none/ready",
                "/..%2f..%2fetc",
                "/%00",
                "/%ff")) {
            bad.refusedGet(path);
        }
        told(bad);
    }

    private static ObjectNode record() {
        ObjectNode body = Json.object();
        body.putArray("records").add(row());
        return body;
    }

    private static ObjectNode row() {
        ObjectNode row = Json.object()
                .put("parcel_id", "p1")
                .put("region", "north")
                .put("plan", "a")
                .put("weight", 0.25)
                .put("hour", 9)
                .put("load", 0.5)
                .put("region_late_3d", 0.5);
        return row.put("event_time", Parcels.six(Parcels.REPLAY_FROM))
                .put("predicted_at", Parcels.six(Parcels.REPLAY_FROM));
    }

    private static void told(BadRequests bad) {
        JsonNode status = installation.web().tryGet("/api/status").orElseThrow();
        assertThat(status.path("ready").asBoolean()).isTrue();
        assertThat(bad.sent()).isPositive();
        System.err.println(bad.sent() + " bad requests sent, " + bad.wrong().size() + " not refused as they should be");
        assertThat(bad.wrong()).isEmpty();
    }
}
