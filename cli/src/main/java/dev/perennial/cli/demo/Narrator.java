package dev.perennial.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.cli.CommandFailure;
import dev.perennial.cli.ExitCode;
import dev.perennial.cli.Terminal;
import dev.perennial.client.PerennialClient;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tells the story while it plays, and does what people do in it. */
final class Narrator {
    /** Title of the decision to try a candidate. */
    static final String TRIED = "A candidate is tried";

    private static final int WAIT_SECONDS = 2;
    private static final int EVENTS_MAX = 1000;

    private final Terminal terminal;
    private final PerennialClient client;
    private final Demo.Servant servant;
    private final Story story;
    private final Claims claims;
    private final String replay;
    private final String model;
    private long seen;
    private boolean serverKilled;
    private boolean curled;
    private int month;

    Narrator(
            Terminal terminal,
            PerennialClient client,
            Demo.Servant servant,
            Story story,
            Claims claims,
            String replay) {
        this.terminal = terminal;
        this.client = client;
        this.servant = servant;
        this.story = story;
        this.claims = claims;
        this.replay = replay;
        this.model = "flight-delay@" + replay;
    }

    /** Follows the replay to its end. */
    void tell() {
        while (true) {
            follow(WAIT_SECONDS);
            JsonNode now = client.replay(replay);
            String state = now.path("state").asText();
            showMonth(Story.day(now.path("clock")));
            switch (state) {
                case "HELD" -> {
                    act(Story.day(now.path("clock")));
                    client.postRepeatable("/api/replays/" + replay + "/release", client.object());
                    afterRelease(Story.day(now.path("clock")));
                }
                case "DONE" -> {
                    follow(0);
                    return;
                }
                case "FAILED", "CANCELLED" ->
                    throw new CommandFailure(
                            ExitCode.ERROR,
                            "the replay ended as " + state + ": "
                                    + now.path("error").asText());
                default -> {}
            }
        }
    }

    private void showMonth(LocalDate day) {
        if (day.getMonthValue() != month && !day.isBefore(Story.FROM)) {
            month = day.getMonthValue();
            terminal.progress("--- " + day.getMonth() + " " + day.getYear() + " ---");
        }
    }

    private void follow(int wait) {
        while (true) {
            JsonNode events = client.events(seen, wait, model).path("items");
            for (JsonNode event : events) {
                seen = event.path("seq").asLong();
                tell(event);
            }
            if (events.isEmpty() || wait == 0) {
                return;
            }
            if (events.size() < EVENTS_MAX) {
                return;
            }
        }
    }

    private void tell(JsonNode event) {
        LocalDate day = Story.day(event.path("at"));
        boolean fired = event.path("kind").asText().equals("RETRAIN")
                && event.path("title").asText().equals(TRIED);
        if (!fired) {
            terminal.line(day + "  " + event.path("title").asText() + ". "
                    + event.path("text").asText());
        }
        if (!curled && event.path("kind").asText().equals("GATE")) {
            curl();
        }
        if (fired && !serverKilled && !day.isBefore(Story.KILL_SERVER) && day.isBefore(Story.KILL_SCORER)) {
            killServer(day);
        }
    }

    private void act(LocalDate day) {
        if (day.equals(Story.FLIPPED_LABELS)) {
            flippedLabels();
        } else if (day.equals(Story.FALSE_KNOWN_AT)) {
            falseKnownAt();
        } else if (day.equals(Story.OUTSIDE_MODEL)) {
            outsideModel();
        } else if (day.equals(Story.ROLLBACK)) {
            rollback();
        }
    }

    private void afterRelease(LocalDate day) {
        if (day.equals(Story.KILL_SCORER)) {
            killScorer();
        }
    }

    private void curl() {
        curled = true;
        Optional<JsonNode> endpoint = client.endpoints().stream()
                .filter(item -> item.path("name").asText().equals(model))
                .findFirst();
        if (endpoint.isEmpty()) {
            return;
        }
        JsonNode example = client.version(model, 1).path("manifestBody").path("inputExample");
        ObjectNode record = ((ObjectNode) example).deepCopy();
        long now = client.replay(replay).path("clock").asLong();
        record.put("flight_id", "curl-1").put("event_time", now).put("predicted_at", now);
        String url = endpoint.get().path("url").asText() + "/endpoints/" + model + "/predict";
        terminal.line("   anybody may ask it:  curl -s " + url
                + " -H 'content-type: application/json' -d '{\"records\":[" + record + "]}'");
        JsonNode answer = client.predict(
                endpoint.get(), client.object().putArray("records").add(record));
        terminal.line("   it answers:          " + answer);
        claims.check(
                "the champion answers a request", answer.toString().contains("score"), "a score", answer.toString());
    }

    private void flippedLabels() {
        terminal.line("");
        terminal.line("Bad candidate 2 of 4 (injected): three training labels of ten are flipped.");
        JsonNode verdict = propose(client.object().put("text", story.withFlippedLabels()), "labels flipped by a drill");
        boolean worse = verdict.path("evidence")
                .path("report")
                .path("verdicts")
                .toString()
                .contains("SHOWN_WORSE");
        claims.check(
                "the gate refuses flipped labels: FAIL, shown worse",
                verdict.path("verdict").asText().equals("FAIL") && worse,
                "FAIL, SHOWN_WORSE",
                verdict.path("verdict").asText());
    }

    private void falseKnownAt() {
        terminal.line("");
        terminal.line(
                "Bad candidate 3 of 4 (injected): a file declares that the delay of a departure is known a day before.");
        JsonNode verdict =
                propose(client.object().put("text", story.withFalseKnownAt()), "a false known-at declared by a drill");
        claims.check(
                "the gate finds it too good to be true: REVIEW",
                verdict.path("verdict").asText().equals("REVIEW"),
                "REVIEW",
                verdict.path("verdict").asText());
        sign(verdict);
    }

    private void outsideModel() {
        terminal.line("");
        terminal.line(
                "Bad candidate 4 of 4 (injected): somebody brings an ONNX file. Its training cut-off is declared and cannot be proven.");
        ObjectNode body = client.object()
                .put("modelFile", story.outsideModel().toString())
                .put("manifestFile", story.outsideManifest().toString())
                .put("declaredUntil", Story.six(Story.OUTSIDE_CLAIMS));
        JsonNode verdict = propose(body, "a model from outside");
        claims.check(
                "the gate asks a person to vouch for it: REVIEW",
                verdict.path("verdict").asText().equals("REVIEW"),
                "REVIEW",
                verdict.path("verdict").asText());
        sign(verdict);
    }

    private void sign(JsonNode verdict) {
        if (verdict.path("verdict").asText().equals("REVIEW")) {
            client.sign(model, verdict.path("version").asInt(), "the story lets it through, to see who stops it");
            follow(1);
        }
    }

    /** Proposes a candidate and waits for its verdict. */
    private JsonNode propose(ObjectNode body, String reason) {
        List<JsonNode> before = gates();
        body.put("path", story.file().toString()).put("reason", reason).put("drill", true);
        client.post("/api/models/" + model + "/candidates", body);
        while (true) {
            follow(WAIT_SECONDS);
            List<JsonNode> now = gates();
            if (now.size() > before.size()) {
                return client.decision(model, now.getFirst().path("id").asText());
            }
        }
    }

    private List<JsonNode> gates() {
        return client.items("/api/models/" + model + "/decisions", Map.of("kind", "GATE", "limit", 500), EVENTS_MAX);
    }

    private void killServer(LocalDate day) {
        serverKilled = true;
        terminal.line("");
        terminal.line(day + "  kill -9 to the server, while it has a candidate trained.");
        servant.kill();
        servant.start();
        terminal.line("   the server is back; the worker went on, scoring went on.");
    }

    private void killScorer() {
        JsonNode status = client.status();
        long pid = status.path("scorerPid").asLong();
        terminal.line("");
        terminal.line("kill -9 to the scorer (pid " + pid + "), in the middle of traffic.");
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        claims.check("there was a scorer to kill", pid > 0, "a pid", Long.toString(pid));
    }

    private void rollback() {
        terminal.line("");
        terminal.line("Somebody rolls the champion back, and forward again.");
        for (String reason : List.of("to see that it works", "and forward again")) {
            long start = System.nanoTime();
            JsonNode decision = client.act(model, "rollback", reason);
            long millis = (System.nanoTime() - start) / 1_000_000;
            follow(1);
            terminal.line("   took " + millis + " ms until every scorer served it");
            claims.check(
                    "the rollback took effect",
                    decision.path("verdict").asText().equals("ROLLED_BACK"),
                    "ROLLED_BACK",
                    decision.path("verdict").asText());
        }
    }
}
