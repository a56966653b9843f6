package dev.perennial.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads a live MLflow server through its REST API. Used by one thread. */
final class MlflowSource implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration TIMEOUT = Duration.ofMinutes(10);
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int PAGE = 1000;
    private static final int MODELS_PAGE = 50;
    private static final int BULK_MAX = 25_000;
    private static final int DEPTH_MAX = 50;
    private static final int SHOWN_MAX = 300;
    private static final String API = "/api/2.0/mlflow/";
    private static final String AJAX = "/ajax-api/2.0/mlflow/"; // the bulk history is not under the other one
    private static final String ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts";

    /** Some of MLflow's answers hold a bare NaN, which is no JSON. */
    private final ObjectMapper mapper = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private final URI address;
    private final Optional<String> credentials;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .build();

    /** A file and its size in bytes. */
    record RemoteFile(String path, long size) {}

    MlflowSource(URI address, Map<String, String> environment) {
        this.address = address;
        this.credentials = credentials(environment);
    }

    private static Optional<String> credentials(Map<String, String> environment) {
        String user = environment.get("MLFLOW_TRACKING_USERNAME");
        String password = environment.get("MLFLOW_TRACKING_PASSWORD");
        if (user != null && password != null) {
            return Optional.of("Basic "
                    + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8)));
        }
        return Optional.ofNullable(environment.get("MLFLOW_TRACKING_TOKEN")).map(token -> "Bearer " + token);
    }

    /** The name under which our server remembers what came from here. */
    String name() {
        return address.toString();
    }

    String version() {
        return text("/version");
    }

    List<JsonNode> experiments() {
        List<JsonNode> all = new ArrayList<>();
        ObjectNode asked = mapper.createObjectNode().put("max_results", PAGE).put("view_type", "ALL");
        pages("experiments/search", asked, "experiments", all::add);
        return all;
    }

    /** Every run of an experiment, deleted ones too, in the messages of the API. */
    void runs(String experiment, Consumer<JsonNode> visitor) {
        ObjectNode asked = mapper.createObjectNode().put("max_results", PAGE).put("run_view_type", "ALL");
        asked.putArray("experiment_ids").add(experiment);
        pages("runs/search", asked, "runs", visitor);
    }

    private void pages(String call, ObjectNode asked, String list, Consumer<JsonNode> visitor) {
        String token = "";
        do {
            JsonNode page = json("POST", API + call, asked.put("page_token", token));
            page.path(list).forEach(visitor);
            token = page.path("next_page_token").asText("");
        } while (!token.isEmpty());
    }

    /** The whole history of one metric of several runs, at most a hundred, as far as one answer holds it; empty when it does not. */
    Optional<List<JsonNode>> histories(List<String> runs, String key) {
        JsonNode answer = json(
                "GET",
                AJAX + "metrics/get-history-bulk?metric_key=" + encode(key) + "&max_results=" + BULK_MAX + "&run_id="
                        + String.join("&run_id=", runs),
                null);
        List<JsonNode> values = new ArrayList<>();
        answer.path("metrics").forEach(values::add);
        return values.size() < BULK_MAX ? Optional.of(values) : Optional.empty();
    }

    /** The history of one metric of one run, a page at a time. */
    void history(String run, String key, Consumer<List<JsonNode>> visitor) {
        String token = "";
        do {
            JsonNode page = json(
                    "GET",
                    API + "metrics/get-history?run_id=" + run + "&metric_key=" + encode(key) + "&max_results="
                            + BULK_MAX + (token.isEmpty() ? "" : "&page_token=" + encode(token)),
                    null);
            List<JsonNode> values = new ArrayList<>();
            page.path("metrics").forEach(values::add);
            visitor.accept(values);
            token = page.path("next_page_token").asText("");
        } while (!token.isEmpty());
    }

    /** How many webhooks there are; 0 when this server does not know such things, or keeps them from whoever signs in here. */
    int webhooks() {
        try {
            return json("GET", API + "webhooks", null).path("webhooks").size();
        } catch (CommandFailure e) {
            return 0;
        }
    }

    /** Every logged model of an experiment; none when this server does not know such things. */
    void loggedModels(String experiment, Consumer<JsonNode> visitor) {
        ObjectNode asked = mapper.createObjectNode().put("max_results", MODELS_PAGE);
        asked.putArray("experiment_ids").add(experiment);
        String token = "";
        do {
            Optional<JsonNode> page = found("POST", API + "logged-models/search", asked.put("page_token", token));
            page.ifPresent(some -> some.path("models").forEach(visitor));
            token = page.map(some -> some.path("next_page_token").asText("")).orElse("");
        } while (!token.isEmpty());
    }

    /** Every registered model, or every prompt. */
    void registeredModels(boolean prompts, Consumer<JsonNode> visitor) {
        pages("registered-models/search?max_results=" + PAGE + filter(prompts), "registered_models", visitor);
    }

    /** Every version of registered models, or of prompts, by name and number. */
    void versions(boolean prompts, Consumer<JsonNode> visitor) {
        pages(
                "model-versions/search?max_results=" + PAGE + "&order_by=" + encode("name ASC") + "&order_by="
                        + encode("version_number ASC") + filter(prompts),
                "model_versions",
                visitor);
    }

    private static String filter(boolean prompts) {
        return prompts ? "&filter=" + encode("tags.`mlflow.prompt.is_prompt` = 'true'") : "";
    }

    private void pages(String call, String list, Consumer<JsonNode> visitor) {
        String token = "";
        do {
            JsonNode page = json("GET", API + call + (token.isEmpty() ? "" : "&page_token=" + encode(token)), null);
            page.path(list).forEach(visitor);
            token = page.path("next_page_token").asText("");
        } while (!token.isEmpty());
    }

    /** Where the files of a version are, at the end of all hops. */
    String downloadUri(String name, String version) {
        return json(
                        "GET",
                        API + "model-versions/get-download-uri?name=" + encode(name) + "&version=" + encode(version),
                        null)
                .path("artifact_uri")
                .asText();
    }

    /** Where a run keeps its files. */
    record Home(String id, String experiment, String artifacts) {}

    /** Empty when there is no such run any more. */
    Optional<Home> homeOfRun(String run) {
        return found("GET", API + "runs/get?run_id=" + encode(run), null)
                .map(answer -> answer.path("run").path("info"))
                .map(info -> new Home(
                        run,
                        info.path("experiment_id").asText(),
                        info.path("artifact_uri").asText()));
    }

    /** All files below a folder of the proxied artifact store, by path relative to it. */
    List<RemoteFile> files(String folder) {
        List<RemoteFile> files = new ArrayList<>();
        files(folder, "", 0, files);
        return files;
    }

    private void files(String folder, String below, int depth, List<RemoteFile> into) {
        if (depth > DEPTH_MAX) {
            throw new CommandFailure(
                    ExitCode.ERROR, "artifacts of " + folder + " are more than " + DEPTH_MAX + " deep");
        }
        JsonNode listing = json("GET", ARTIFACTS + "?path=" + encode(folder + below), null);
        for (JsonNode file : listing.path("files")) {
            String name = file.path("path").asText();
            String path = below + "/" + name.substring(name.lastIndexOf('/') + 1);
            if (file.path("is_dir").asBoolean()) {
                files(folder, path, depth + 1, into);
            } else {
                into.add(
                        new RemoteFile(path.substring(1), file.path("file_size").asLong()));
            }
        }
    }

    /** Streams a file of the proxied artifact store. */
    void download(String path, Path target) {
        StringBuilder encoded = new StringBuilder(ARTIFACTS);
        for (String segment : path.split("/", -1)) {
            encoded.append('/').append(encode(segment));
        }
        try {
            HttpResponse<Path> answer =
                    http.send(request(encoded.toString()).GET().build(), HttpResponse.BodyHandlers.ofFile(target));
            if (answer.statusCode() != OK) {
                throw failed(encoded.toString(), "status " + answer.statusCode(), null);
            }
        } catch (IOException e) {
            throw failed(encoded.toString(), String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(encoded.toString(), "interrupted", e);
        }
    }

    private JsonNode json(String method, String path, @Nullable JsonNode body) {
        return parsed(path, good(path, send(method, path, body)));
    }

    /** As {@link #json}; empty when this server has no such call, or no such thing. */
    private Optional<JsonNode> found(String method, String path, @Nullable JsonNode body) {
        Answer answer = send(method, path, body);
        return answer.status() == NOT_FOUND ? Optional.empty() : Optional.of(parsed(path, good(path, answer)));
    }

    private JsonNode parsed(String path, String text) {
        try {
            return mapper.readTree(text);
        } catch (JsonProcessingException e) {
            throw failed(path, "no JSON: " + text.substring(0, Math.min(text.length(), SHOWN_MAX)), e);
        }
    }

    private String text(String path) {
        return good(path, send("GET", path, null)).strip();
    }

    private record Answer(int status, String text) {}

    private String good(String path, Answer answer) {
        if (answer.status() != OK) {
            throw refused(path, answer.status(), answer.text());
        }
        return answer.text();
    }

    private Answer send(String method, String path, @Nullable JsonNode body) {
        HttpRequest.Builder request = request(path);
        if (body == null) {
            request.method(method, HttpRequest.BodyPublishers.noBody());
        } else {
            request.header("Content-Type", "application/json")
                    .method(method, HttpRequest.BodyPublishers.ofString(body.toString()));
        }
        try {
            HttpResponse<InputStream> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream in = answer.body()) {
                return new Answer(answer.statusCode(), new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw failed(path, String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(path, "interrupted", e);
        }
    }

    private CommandFailure refused(String path, int status, String text) {
        CommandFailure failure =
                failed(path, "status " + status + " " + text.substring(0, Math.min(text.length(), SHOWN_MAX)), null);
        return switch (status) {
            case 401, 403 ->
                new CommandFailure(
                        ExitCode.DENIED,
                        "the MLflow server " + address + " refuses with status " + status
                                + "; sign in with MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or with"
                                + " MLFLOW_TRACKING_TOKEN, as somebody who may read everything");
            default -> failure;
        };
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(address + path)).timeout(TIMEOUT);
        credentials.ifPresent(value -> request.header("Authorization", value));
        return request;
    }

    private CommandFailure failed(String path, String why, @Nullable Exception cause) {
        String message = "the MLflow server " + address + " answered "
                + (path.length() > SHOWN_MAX ? path.substring(0, SHOWN_MAX) + "..." : path) + " with " + why
                + "; what came so far stays, start the import again to go on";
        return cause == null
                ? new CommandFailure(ExitCode.UNAVAILABLE, message)
                : new CommandFailure(ExitCode.UNAVAILABLE, message, cause);
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Override
    public void close() {
        http.close();
    }
}
