package dev.perennial.server.proof;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Ten weeks of {@link Parcels} played by the replay over real HTTP, with one rollback by a person in the middle. What is left of it is
 * told by {@link #ending}; a kill may only delay it.
 */
final class Story {
    static final String NAME = "story";
    static final String MODEL = "parcels@" + NAME;
    static final LocalDate ROLLBACK_AT = LocalDate.of(2024, 3, 8);

    private static final Duration PATIENCE = Duration.ofMinutes(9);

    private final Installation installation;
    private final Parcels parcels;

    Story(Installation installation, Parcels parcels) {
        this.installation = installation;
        this.parcels = parcels;
    }

    /** What must be the same however often it was disturbed. */
    record Ending(
            List<String> versions,
            List<String> decisions,
            List<String> ledger,
            List<String> days,
            List<String> alerts) {}

    void begin() throws IOException {
        ObjectNode replay = parcels.replay(NAME, Parcels.REPLAY_TO, ROLLBACK_AT);
        Web.Answer answer = installation.web().post("/api/replays", replay);
        if (answer.status() != 200) {
            throw new AssertionError(answer.body());
        }
    }

    /** Follows the story to its end; {@code disturb} is run again and again meanwhile. */
    void play(Disturbance disturb) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            disturb.look(installation);
            Optional<JsonNode> replay = installation.web().tryGet("/api/replays/" + NAME);
            String state = replay.map(body -> body.path("state").asText()).orElse("");
            switch (state) {
                case "DONE" -> {
                    return;
                }
                case "HELD" -> rollBackOnce();
                case "FAILED", "CANCELLED" -> throw new AssertionError(replay + "\n" + installation.log());
                default -> Until.pause(100);
            }
        }
        throw new AssertionError(
                "the story did not end within " + PATIENCE + "; the server's log says\n" + installation.log());
    }

    /** Rolls back unless it was done: an answer may have been lost on its way. */
    private void rollBackOnce() {
        Optional<JsonNode> done = installation.web().tryGet("/api/models/" + MODEL + "/decisions?kind=ROLLBACK");
        if (done.isEmpty()) {
            return;
        }
        if (done.get().path("items").isEmpty()) {
            send(
                    "/api/models/" + MODEL + "/rollback",
                    Json.object().put("by", "ann").put("reason", "a drill"));
        } else {
            send("/api/replays/" + NAME + "/release", Json.object());
        }
    }

    private void send(String path, ObjectNode body) {
        try {
            Web.Answer answer = installation.web().post(path, body);
            if (answer.status() >= 400 && answer.status() < 500) {
                throw new AssertionError(path + " was refused: " + answer.body());
            }
        } catch (IOException e) {
            // killed before it answered: the caller looks again
        }
    }

    Ending ending() throws IOException {
        List<String> versions = new ArrayList<>();
        for (JsonNode version : items("/api/models/" + MODEL + "/versions?limit=1000")) {
            versions.add(version.path("version") + " " + version.path("state").asText() + " model "
                    + version.path("file").asText() + " snapshot "
                    + version.path("snapshot").asText());
        }
        List<String> decisions = new ArrayList<>();
        for (JsonNode decision : items("/api/models/" + MODEL + "/decisions?limit=1000")) {
            decisions.addFirst(decision.path("at") + " " + decision.path("kind").asText() + " "
                    + decision.path("verdict").asText() + " " + decision.path("version") + " "
                    + decision.path("text").asText());
        }
        List<String> ledger = new ArrayList<>();
        for (JsonNode entry : items("/api/ledger/entries?stream=model:" + MODEL + "&limit=1000")) {
            JsonNode payload = entry.path("payload");
            ledger.add(entry.path("seq") + " " + entry.path("actor").asText() + " "
                    + entry.path("action").asText() + " "
                    + entry.path("object").asText() + " "
                    + payload.path("verdict").asText() + " "
                    + payload.path("title").asText() + " "
                    + payload.path("text").asText());
        }
        List<String> alerts = new ArrayList<>();
        for (JsonNode alert : items("/api/alerts?limit=1000")) {
            alerts.add(alert.path("state").asText() + " " + alert.path("cause").asText() + " " + alert.path("openedAt")
                    + " " + alert.path("resolvedAt") + " "
                    + alert.path("findings").size() + " " + alert.path("title").asText());
        }
        return new Ending(versions, decisions, ledger, days(), alerts);
    }

    /** Each day's counts: who answered how often, and how many outcomes are known. */
    private List<String> days() throws IOException {
        TreeMap<String, String> days = new TreeMap<>();
        for (JsonNode point : installation
                .web()
                .get("/api/models/" + MODEL + "/performance?windowDays=1")
                .json()
                .path("points")) {
            days.put(
                    point.path("from").asText(),
                    point.path("rows") + " rows " + point.path("labelled") + " labelled, rate " + point.path("rate")
                            + ", log loss "
                            + "%.9f"
                                    .formatted(
                                            point.path("logLoss").path("value").asDouble()));
        }
        List<String> lines = new ArrayList<>();
        days.forEach((day, line) -> lines.add(day + " " + line));
        return lines;
    }

    private JsonNode items(String path) throws IOException {
        return installation.web().get(path).json().path("items");
    }
}
