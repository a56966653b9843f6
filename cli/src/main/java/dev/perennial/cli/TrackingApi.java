package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.client.ClientException;
import dev.perennial.client.PerennialClient;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Experiments, runs and their files as MLflow's routes give them. */
final class TrackingApi {
    private static final String CALLS = "/ajax-api/2.0/mlflow/";
    private static final String FILES = "/api/2.0/mlflow-artifacts/artifacts/";
    private static final String HERE = "mlflow-artifacts:/";
    private static final int PAGE_MAX = 1000;
    private static final int NOT_FOUND = 404;

    private final PerennialClient client;

    TrackingApi(PerennialClient client) {
        this.client = client;
    }

    /** Which of active and deleted things a list shows. */
    enum Shown {
        ACTIVE_ONLY,
        DELETED_ONLY,
        ALL
    }

    /** What a list is asked for. */
    record Query(String filter, List<String> order, Shown shown, int limit) {}

    List<JsonNode> experiments(Query query) {
        ObjectNode body = client.object().put("view_type", query.shown().name());
        return search("experiments/search", "experiments", body, query);
    }

    List<JsonNode> runs(List<String> experiments, Query query) {
        ObjectNode body = client.object().put("run_view_type", query.shown().name());
        ArrayNode ids = body.putArray("experiment_ids");
        experiments.forEach(ids::add);
        return search("runs/search", "runs", body, query);
    }

    private List<JsonNode> search(String call, String list, ObjectNode body, Query query) {
        body.put("filter", query.filter());
        ArrayNode order = body.putArray("order_by");
        query.order().forEach(order::add);
        List<JsonNode> found = new ArrayList<>();
        String next = "";
        do {
            body.put("max_results", Math.min(PAGE_MAX, query.limit() - found.size()));
            body.put("page_token", next);
            JsonNode page = client.postRepeatable(CALLS + call, body);
            page.path(list).forEach(found::add);
            next = page.path("next_page_token").asText("");
        } while (!next.isEmpty() && found.size() < query.limit());
        return found;
    }

    /** An experiment by its id or name. */
    JsonNode experiment(String given) {
        if (given.matches("\\d{1,18}")) {
            try {
                return client.get(CALLS + "experiments/get", Map.of("experiment_id", given))
                        .path("experiment");
            } catch (ClientException e) {
                if (e.status() != NOT_FOUND) {
                    throw e;
                }
            }
        }
        return client.get(CALLS + "experiments/get-by-name", Map.of("experiment_name", given))
                .path("experiment");
    }

    String createExperiment(String name, String location, Map<String, String> tags) {
        ObjectNode body = client.object().put("name", name);
        if (!location.isEmpty()) {
            body.put("artifact_location", location);
        }
        ArrayNode list = body.putArray("tags");
        tags.forEach((key, value) -> list.addObject().put("key", key).put("value", value));
        return client.post(CALLS + "experiments/create", body)
                .path("experiment_id")
                .asText();
    }

    /** Deletes or restores. */
    void move(String call, String field, String id) {
        client.postRepeatable(CALLS + call, client.object().put(field, id));
    }

    JsonNode run(String id) {
        return client.get(CALLS + "runs/get", Map.of("run_id", id)).path("run");
    }

    /** Where files are: of a run, or of a logged model, whose ids begin with {@code m-}. */
    record Owner(String id, String uri) {
        boolean model() {
            return id.startsWith("m-");
        }
    }

    Owner owner(String id) {
        return new Owner(
                id,
                id.startsWith("m-")
                        ? client.get(CALLS + "logged-models/" + encoded(id))
                                .at("/model/info/artifact_uri")
                                .asText()
                        : run(id).at("/info/artifact_uri").asText());
    }

    /** The direct children of a folder, with paths from the root of the run or model. */
    List<JsonNode> files(Owner owner, String path) {
        JsonNode answer = owner.model()
                ? client.get(
                        CALLS + "logged-models/" + encoded(owner.id()) + "/artifacts/directories",
                        Map.of("artifact_directory_path", path))
                : client.get(CALLS + "artifacts/list", Map.of("run_id", owner.id(), "path", path));
        List<JsonNode> files = new ArrayList<>();
        answer.path("files").forEach(files::add);
        return files;
    }

    void download(Owner owner, String path, Path target) {
        if (owner.model()) {
            client.download(
                    CALLS + "logged-models/" + encoded(owner.id()) + "/artifacts/files",
                    Map.of("artifact_file_path", path),
                    target);
        } else {
            client.download("/get-artifact", Map.of("run_id", owner.id(), "path", path), target);
        }
    }

    void upload(Owner owner, Path file, String path) {
        if (!owner.uri().startsWith(HERE)) {
            throw new CommandFailure(
                    ExitCode.ERROR, "the artifacts of " + owner.id() + " are kept at " + owner.uri() + ", not on the server");
        }
        String root = owner.uri().substring(HERE.length());
        client.upload(FILES + encoded(root) + "/" + encoded(path), file);
    }

    /** Each name of a path percent-encoded. */
    static String encoded(String path) {
        return Arrays.stream(path.split("/"))
                .map(name -> URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20"))
                .collect(Collectors.joining("/"));
    }
}
