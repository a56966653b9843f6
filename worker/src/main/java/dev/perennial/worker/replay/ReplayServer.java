package dev.perennial.worker.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.worker.StepFailure;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * What a driver says to the server. A server that is away or busy is asked again for ten minutes: it may have been killed in the middle of
 * the story. Every call may be repeated.
 */
final class ReplayServer {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final long PAUSE_MILLIS = 100;
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");
    private static final int OK = 200;
    private static final int LATER = 202;
    private static final int CLIENT_ERROR = 400;
    private static final int CONFLICT = 409;
    private static final int SERVER_ERROR = 500;

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final String address;
    private final String replay;
    private final String model;
    private final String authorization;
    private boolean serving;

    /** @param token of the installation, without which one with accounts answers nothing */
    ReplayServer(String address, String replay, String model, String token) {
        this.authorization = "Bearer " + token;
        this.address = address;
        this.replay = replay;
        this.model = model;
    }

    /** An outcome to deliver. */
    record Outcome(String id, int label, long eventTime, long knownAt) {}

    /** A prediction for the scorer of this installation; nobody beyond this machine is shown the token. */
    HttpRequest.Builder prediction(URI scorer) {
        HttpRequest.Builder request = HttpRequest.newBuilder(scorer).header("Content-Type", "application/json");
        return LOOPBACK.contains(scorer.getHost()) ? request.header("Authorization", authorization) : request;
    }

    String model() {
        return model;
    }

    /** Whether some version answered predictions at the last barrier. */
    boolean serving() {
        return serving;
    }

    LifecycleFile plan(ObjectNode order) {
        return read(order, "/api/lifecycle/plan");
    }

    LifecycleFile apply(ObjectNode order) {
        return read(order, "/api/lifecycle/apply");
    }

    long clock() {
        return get("/api/replays/" + replay).path("clock").asLong();
    }

    /** Passes a barrier, however long it takes; returns the lifecycle files of the live versions. */
    List<LifecycleFile> advance(long to, long opens) {
        ObjectNode body = Json.object().put("to", to).put("opens", opens);
        while (true) {
            HttpResponse<String> answer = send("POST", "/api/replays/" + replay + "/advance", body);
            if (answer.statusCode() == OK) {
                List<LifecycleFile> live = new ArrayList<>();
                Json.parse(answer.body())
                        .path("lifecycles")
                        .forEach(file -> live.add(Json.convert(file.get("file"), LifecycleFile.class)));
                serving = !live.isEmpty();
                return live;
            }
            if (answer.statusCode() != LATER) {
                throw refused("advance", answer);
            }
            pause();
        }
    }

    void labels(List<Outcome> outcomes, long clock) {
        ObjectNode body = Json.object().put("clock", clock);
        ArrayNode labels = body.putArray("labels");
        outcomes.forEach(outcome -> labels.add(Json.tree(outcome)));
        HttpResponse<String> answer = send("POST", "/api/models/" + model + "/labels", body);
        if (answer.statusCode() != OK) {
            throw refused("labels", answer);
        }
    }

    /** Stops the loop of the replayed model; one that is stopped already stays so. */
    void pause(String reason) {
        HttpResponse<String> answer =
                send("POST", "/api/models/" + model + "/pause", Json.object().put("reason", reason));
        if (answer.statusCode() != OK && !answer.body().contains("paused already")) {
            throw refused("pause", answer);
        }
    }

    /** Says how new each source is. */
    void arrivals(Map<String, Long> newest, Set<String> injected) {
        ObjectNode body = Json.object();
        body.set("newest", Json.tree(newest));
        body.set("injected", Json.tree(injected));
        HttpResponse<String> answer = send("POST", "/api/models/" + model + "/arrivals", body);
        if (answer.statusCode() != OK) {
            throw refused("arrivals", answer);
        }
    }

    /** Address of a scorer that serves the model, asked anew: a restarted scorer may have moved. */
    URI endpoint() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            for (JsonNode item : get("/api/endpoints").path("items")) {
                if (item.path("name").asText().equals(model) && item.hasNonNull("url")) {
                    return URI.create(item.get("url").asText() + "/endpoints/" + model + "/predict");
                }
            }
            pause();
        }
        throw ReplayStep.failure("no scorer serves '" + model + "'");
    }

    private LifecycleFile read(ObjectNode order, String path) {
        HttpResponse<String> answer = send("POST", path, order);
        JsonNode outcome = Json.parse(answer.body());
        if (answer.statusCode() != OK || !outcome.path("problems").isEmpty()) {
            throw refused(path, answer);
        }
        return Json.convert(Objects.requireNonNull(outcome.get("file")), LifecycleFile.class);
    }

    private JsonNode get(String path) {
        HttpResponse<String> answer = send("GET", path, Json.object());
        if (answer.statusCode() != OK) {
            throw refused(path, answer);
        }
        return Json.parse(answer.body());
    }

    private HttpResponse<String> send(String method, String path, JsonNode body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address + path))
                .timeout(Duration.ofSeconds(120))
                .header("Content-Type", "application/json")
                .header("Authorization", authorization)
                .header("X-Perennial-Actor", "replay");
        HttpRequest built = method.equals("GET")
                ? request.GET().build()
                : request.POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                        .build();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                HttpResponse<String> answer = http.send(built, HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() < SERVER_ERROR || System.nanoTime() > deadline) {
                    return answer;
                }
            } catch (IOException e) {
                if (System.nanoTime() > deadline) {
                    throw new StepFailure(StepFailure.Kind.INFRA, "the server is away: " + e);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StepFailure(StepFailure.Kind.INFRA, "interrupted");
            }
            pause();
        }
    }

    static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StepFailure(StepFailure.Kind.INFRA, "interrupted");
        }
    }

    private static StepFailure refused(String what, HttpResponse<String> answer) {
        StepFailure.Kind kind = answer.statusCode() == CONFLICT || answer.statusCode() >= SERVER_ERROR
                ? StepFailure.Kind.INFRA
                : answer.statusCode() >= CLIENT_ERROR ? StepFailure.Kind.CONFIG : StepFailure.Kind.USER;
        return new StepFailure(
                kind, "the server answered " + what + " with " + answer.statusCode() + ": " + answer.body());
    }
}
