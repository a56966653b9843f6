package dev.perennial.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Calls a Perennial server. Answers are JSON trees as the API gives them, times are epoch milliseconds. Every call waits out a restart of
 * the server as long as the client's patience lasts; calls that change something carry an idempotency key and are repeated only when they
 * cannot have run. Thread-safe.
 */
public final class PerennialClient {
    /** Where a server listens by default. */
    public static final URI DEFAULT_SERVER = URI.create("http://127.0.0.1:7300");

    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final Duration TIMEOUT_LONG = Duration.ofMinutes(10);
    private static final Duration TIMEOUT_LARGE = Duration.ofHours(6);
    private static final int NOT_YET = 202;
    private static final int PAGES_MAX = 10_000;

    private final URI server;
    private final Transport transport;

    private PerennialClient(URI server, Transport transport) {
        this.server = server;
        this.transport = transport;
    }

    /**
     * @param server base address, {@code http://127.0.0.1:7300}
     * @param actor who acts, as told in decisions
     * @param patience how long to wait for a server that does not answer
     */
    public static PerennialClient of(URI server, String actor, Duration patience) {
        return new PerennialClient(server, new Transport(patience, actor));
    }

    /**
     * The same client, signed in.
     *
     * @param authorization value of the header: {@code Bearer TOKEN}, or Basic with name and password
     */
    public PerennialClient signedIn(String authorization) {
        return new PerennialClient(server, transport.signedIn(authorization));
    }

    public URI server() {
        return server;
    }

    // ---- any route ----

    public JsonNode get(String path, Map<String, ?> query) {
        return transport.send("GET", uri(path, query), null, true, TIMEOUT).body();
    }

    public JsonNode get(String path) {
        return get(path, Map.of());
    }

    /** A call that must not run twice. */
    public JsonNode post(String path, JsonNode body) {
        return transport
                .send("POST", uri(path, Map.of()), body, false, TIMEOUT_LONG)
                .body();
    }

    /** A call that gives the same when it runs twice; it is repeated also when the connection breaks. */
    public JsonNode postRepeatable(String path, JsonNode body) {
        return transport
                .send("POST", uri(path, Map.of()), body, true, TIMEOUT_LONG)
                .body();
    }

    public JsonNode patch(String path, JsonNode body) {
        return transport.send("PATCH", uri(path, Map.of()), body, true, TIMEOUT).body();
    }

    /** A removal; it is not repeated, because what is gone would be missed. */
    public JsonNode delete(String path, JsonNode body) {
        return transport
                .send("DELETE", uri(path, Map.of()), body, false, TIMEOUT)
                .body();
    }

    public JsonNode put(String path, JsonNode body) {
        return transport.send("PUT", uri(path, Map.of()), body, true, TIMEOUT).body();
    }

    public JsonNode delete(String path) {
        return transport
                .send("DELETE", uri(path, Map.of()), null, true, TIMEOUT)
                .body();
    }

    /** Streams an answer of any size into a file, which appears whole or not at all. */
    public void download(String path, Map<String, ?> query, Path target) {
        transport.download(uri(path, query), target, TIMEOUT_LARGE);
    }

    /**
     * Streams a file of any size to a place, which has the old or the whole new file.
     *
     * @param path with its names percent-encoded
     */
    public void upload(String path, Path file) {
        transport.upload(uri(path, Map.of()), file, TIMEOUT_LARGE);
    }

    /** All items of a list, page by page, at most {@code max}. */
    public List<JsonNode> items(String path, Map<String, ?> query, int max) {
        List<JsonNode> items = new ArrayList<>();
        Map<String, Object> page = new TreeMap<>(query);
        for (int pages = 0; pages < PAGES_MAX && items.size() < max; pages++) {
            JsonNode answer = get(path, page);
            for (JsonNode item : answer.path("items")) {
                if (items.size() < max) {
                    items.add(item);
                }
            }
            if (!answer.hasNonNull("next")) {
                break;
            }
            page.put("page_token", answer.get("next").asText());
        }
        return items;
    }

    /** An empty JSON object to fill. */
    public ObjectNode object() {
        return transport.mapper().createObjectNode();
    }

    // ---- server ----

    public JsonNode status() {
        return get("/api/status");
    }

    // ---- lifecycle files ----

    public JsonNode validate(String text, Path path) {
        return postRepeatable("/api/lifecycle/validate", lifecycle(text, path, null));
    }

    public JsonNode plan(String text, Path path, @Nullable String scope) {
        return postRepeatable("/api/lifecycle/plan", lifecycle(text, path, scope));
    }

    public JsonNode apply(String text, Path path, @Nullable String scope) {
        return postRepeatable("/api/lifecycle/apply", lifecycle(text, path, scope));
    }

    private ObjectNode lifecycle(String text, Path path, @Nullable String scope) {
        ObjectNode body = object().put("text", text)
                .put("path", path.toAbsolutePath().normalize().toString());
        return scope == null ? body : body.put("as", scope);
    }

    // ---- models ----

    public List<JsonNode> models() {
        return items("/api/models", Map.of(), Integer.MAX_VALUE);
    }

    public JsonNode model(String model) {
        return get(modelPath(model, ""));
    }

    /** One part of a model: {@code why, drift, timeline, performance, skew}. */
    public JsonNode modelPart(String model, String part, Map<String, ?> query) {
        return get(modelPath(model, "/" + part), query);
    }

    /** One list of a model: {@code versions, decisions, snapshots}. */
    public List<JsonNode> modelItems(String model, String list, int max) {
        return items(modelPath(model, "/" + list), Map.of(), max);
    }

    /** A decision with its whole evidence. */
    public JsonNode decision(String model, String id) {
        return get(modelPath(model, "/decisions/" + encode(id)));
    }

    /** Rollouts behind an endpoint, the newest first; the endpoint of a lifecycle file has its model's name. */
    public JsonNode rollouts(String endpoint) {
        return get(rolloutPath(endpoint, ""));
    }

    /** Begins one; {@code body} names version, plan and reason. */
    public JsonNode startRollout(String endpoint, ObjectNode body) {
        return post(rolloutPath(endpoint, ""), body);
    }

    /** {@code pause}, {@code resume}, {@code abort} or {@code sign} one that runs. */
    public JsonNode actOnRollout(String endpoint, String id, String action, String reason) {
        return post(rolloutPath(endpoint, "/" + encode(id) + "/" + action), object().put("reason", reason));
    }

    private static String rolloutPath(String endpoint, String rest) {
        return "/api/endpoints/" + encode(endpoint) + "/rollouts" + rest;
    }

    /** One rollout with its looks and the decisions that moved it. */
    public JsonNode rollout(String endpoint, String id) {
        return get(rolloutPath(endpoint, "/" + encode(id)));
    }

    /** Judges the stored evidence of a rollout's decisions again; changes nothing. */
    public JsonNode rejudge(String endpoint, String id) {
        return post(rolloutPath(endpoint, "/" + encode(id) + "/rejudge"), object());
    }

    public JsonNode version(String model, int number) {
        return get(modelPath(model, "/versions/" + number));
    }

    /** {@code rollback, pause, resume, abort}. */
    public JsonNode act(String model, String action, String reason) {
        return post(modelPath(model, "/" + action), object().put("reason", reason));
    }

    public JsonNode sign(String model, int version, String reason) {
        return post(modelPath(model, "/sign"), object().put("version", version).put("reason", reason));
    }

    public JsonNode candidate(String model, ObjectNode body) {
        return post(modelPath(model, "/candidates"), body);
    }

    public JsonNode labels(String model, ArrayNode labels) {
        ObjectNode body = object();
        body.set("labels", labels);
        return postRepeatable(modelPath(model, "/labels"), body);
    }

    public JsonNode reproduce(String model, int version) {
        return post(modelPath(model, "/versions/" + version + "/reproduce"), object());
    }

    // ---- alerts, runs, endpoints ----

    public List<JsonNode> alerts(@Nullable String state) {
        return items("/api/alerts", state == null ? Map.of() : Map.of("state", state), Integer.MAX_VALUE);
    }

    public JsonNode acknowledge(String alert, String reason) {
        return postRepeatable("/api/alerts/" + encode(alert) + "/acknowledge", object().put("reason", reason));
    }

    public JsonNode silence(String alert, String reason, long untilMillis) {
        return postRepeatable(
                "/api/alerts/" + encode(alert) + "/silence",
                object().put("reason", reason).put("until", untilMillis));
    }

    /** Runs without what their steps made, the newest first. */
    public List<JsonNode> runs(Map<String, ?> query, int max) {
        return items("/api/pipelines/runs", query, max);
    }

    /** A run with what its steps made. */
    public JsonNode run(String run) {
        return get("/api/pipelines/runs/" + encode(run));
    }

    public JsonNode cancelRun(String run, String reason) {
        return postRepeatable("/api/pipelines/runs/" + encode(run) + "/cancel", object().put("reason", reason));
    }

    public List<JsonNode> endpoints() {
        return items("/api/endpoints", Map.of(), Integer.MAX_VALUE);
    }

    /** Everything about one endpoint. */
    public JsonNode endpoint(String name) {
        return get(endpointPath(name, ""));
    }

    public JsonNode createEndpoint(ObjectNode body) {
        return post("/api/endpoints", body);
    }

    /** Members that the body does not name stay. */
    public JsonNode changeEndpoint(String name, ObjectNode body) {
        return put(endpointPath(name, ""), body);
    }

    /** @param confirmed whether callers that it answers may be refused from now on */
    public void deleteEndpoint(String name, String reason, boolean confirmed) {
        delete(endpointPath(name, "?reason=" + encode(reason) + (confirmed ? "&confirm=" + encode(name) : "")));
    }

    /** {@code deploy, rollback, promote, weights, remove, default}. */
    public JsonNode onEndpoint(String name, String action, ObjectNode body) {
        return post(endpointPath(name, "/" + action), body);
    }

    /** What was answered and is not all in the log, in the last day. */
    public JsonNode tallies(String name) {
        return get(endpointPath(name, "/tallies"));
    }

    /** A new process takes the place of the server's own scorer. */
    public JsonNode replaceScorer(String id) {
        return post("/api/scorers/" + encode(id) + "/replace", object());
    }

    private static String endpointPath(String name, String rest) {
        return "/api/endpoints/" + encode(name) + rest;
    }

    /** Scores records at an endpoint of {@link #endpoints()}: goes to the scorer, not through the server. */
    public JsonNode predict(JsonNode endpoint, ArrayNode records) {
        String name = endpoint.path("name").asText();
        String url = endpoint.path("url").asText();
        String target =
                url.contains("/endpoints/") ? url : withoutSlash(url) + "/endpoints/" + encode(name) + "/predict";
        ObjectNode body = object();
        body.set("records", records);
        return transport
                .send(
                        "POST",
                        URI.create(target.endsWith("/predict") ? target : withoutSlash(target) + "/predict"),
                        body,
                        false,
                        TIMEOUT)
                .body();
    }

    // ---- replays ----

    public JsonNode startReplay(ObjectNode body) {
        return post("/api/replays", body);
    }

    public List<JsonNode> replays() {
        return items("/api/replays", Map.of(), Integer.MAX_VALUE);
    }

    public JsonNode replay(String name) {
        return get("/api/replays/" + encode(name));
    }

    /**
     * Moves a replay's clock and waits until everything that is due by then is done.
     *
     * @param opensMillis predictions up to this event time may come next
     * @param waiting asked each time the barrier is not passed yet; false stops waiting
     * @return the last answer
     */
    public JsonNode advance(String name, long toMillis, long opensMillis, Predicate<JsonNode> waiting) {
        ObjectNode body = object().put("to", toMillis).put("opens", opensMillis);
        while (true) {
            Transport.Answer answer = transport.send(
                    "POST", uri("/api/replays/" + encode(name) + "/advance", Map.of()), body, true, TIMEOUT);
            if (answer.status() != NOT_YET || !waiting.test(answer.body())) {
                return answer.body();
            }
        }
    }

    /** Lets a replay go on that waits at a stop. */
    public JsonNode releaseReplay(String name) {
        return postRepeatable("/api/replays/" + encode(name) + "/release", object());
    }

    public JsonNode cancelReplay(String name) {
        return postRepeatable("/api/replays/" + encode(name) + "/cancel", object());
    }

    // ---- events, ledger ----

    /**
     * Events after a sequence number; when there are none, waits up to {@code waitSeconds} for one.
     *
     * @param model null for all
     */
    public JsonNode events(long after, int waitSeconds, @Nullable String model) {
        Map<String, Object> query = new TreeMap<>();
        query.put("after", after);
        query.put("wait", waitSeconds);
        if (model != null) {
            query.put("model", model);
        }
        return transport
                .send("GET", uri("/api/events", query), null, true, TIMEOUT.plusSeconds(waitSeconds))
                .body();
    }

    public JsonNode ledger() {
        return get("/api/ledger");
    }

    /** Writes the ledger's export, which is verified without the server. */
    public void exportLedger(Path target) {
        transport.download(uri("/api/ledger/export", Map.of()), target, TIMEOUT_LONG);
    }

    // ---- addresses ----

    private static String modelPath(String model, String rest) {
        return "/api/models/" + encode(model) + rest;
    }

    private URI uri(String path, Map<String, ?> query) {
        StringBuilder text = new StringBuilder(withoutSlash(server.toString())).append(path);
        char separator = path.indexOf('?') < 0 ? '?' : '&';
        for (Map.Entry<String, ?> entry : new TreeMap<>(query).entrySet()) {
            text.append(separator)
                    .append(encode(entry.getKey()))
                    .append('=')
                    .append(encode(String.valueOf(entry.getValue())));
            separator = '&';
        }
        return URI.create(text.toString());
    }

    private static String withoutSlash(String text) {
        return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
