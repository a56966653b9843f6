package dev.perennial.server.proof;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.StreamSupport;

/** What a server that speaks MLflow holds, by its own answers, without what must differ between two servers. */
final class MlflowContent {
    private static final String API = "/api/2.0/mlflow/";
    private static final String PROMPTS = "tags.`mlflow.prompt.is_prompt` = 'true'";

    private final Web web;
    private final List<String> headers;

    /** @param headers that go with every request */
    MlflowContent(Web web, String... headers) {
        this.web = web;
        this.headers = List.of(headers);
    }

    private JsonNode get(String call) throws IOException {
        return answer(web.send("GET", API + call, headers, new byte[0]));
    }

    private JsonNode post(String call, ObjectNode body) throws IOException {
        List<String> all = new ArrayList<>(headers);
        all.add("Content-Type: application/json");
        return answer(web.send("POST", API + call, all, body.toString().getBytes(StandardCharsets.UTF_8)));
    }

    private static JsonNode answer(Web.Answer answer) throws IOException {
        if (answer.status() != 200) {
            throw new IOException(answer.status() + " " + answer.body());
        }
        return answer.json();
    }

    /** Every experiment of both stages, by name. */
    Map<String, JsonNode> experiments() throws IOException {
        Map<String, JsonNode> all = new TreeMap<>();
        post("experiments/search", Json.object().put("max_results", 1000).put("view_type", "ALL"))
                .path("experiments")
                .forEach(one -> all.put(one.path("name").asText(), one));
        return all;
    }

    /** All runs of both stages by id, each with its lists in one order. */
    Map<String, JsonNode> runs() throws IOException {
        Map<String, JsonNode> runs = new TreeMap<>();
        for (JsonNode experiment : experiments().values()) {
            String token = "";
            do {
                ObjectNode asked = Json.object()
                        .put("run_view_type", "ALL")
                        .put("max_results", 1000)
                        .put("page_token", token);
                asked.putArray("experiment_ids")
                        .add(experiment.path("experiment_id").asText());
                JsonNode page = post("runs/search", asked);
                page.path("runs").forEach(run -> runs.put(run.at("/info/run_id").asText(), run(run, experiment)));
                token = page.path("next_page_token").asText("");
            } while (!token.isEmpty());
        }
        return runs;
    }

    /** How many runs an experiment has, counted up to a few. */
    int runsOf(String experiment, int few) throws IOException {
        JsonNode found = experiments().get(experiment);
        if (found == null) {
            return 0;
        }
        ObjectNode asked = Json.object().put("max_results", few);
        asked.putArray("experiment_ids").add(found.path("experiment_id").asText());
        return post("runs/search", asked).path("runs").size();
    }

    private static ObjectNode run(JsonNode run, JsonNode experiment) {
        ObjectNode node = picked(
                run.path("info"),
                "run_id",
                "run_name",
                "user_id",
                "status",
                "lifecycle_stage",
                "start_time",
                "end_time");
        return node.put("experiment", experiment.path("name").asText())
                .put("metrics", sorted(run.at("/data/metrics")))
                .put("params", sorted(run.at("/data/params")))
                .put("tags", sorted(run.at("/data/tags")))
                .put("inputs", run.at("/inputs/dataset_inputs").size());
    }

    private static ObjectNode picked(JsonNode message, String... names) {
        ObjectNode node = Json.object();
        for (String name : names) {
            node.put(name, message.path(name).asText());
        }
        return node;
    }

    /** The items of a list in one order, whatever numbers and texts they hold. */
    static String sorted(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(item -> item.path("key").asText() + "="
                        + item.path("value").asText() + "@" + item.path("step").asLong() + "/"
                        + item.path("timestamp").asLong()
                        + item.path("dataset_name").asText()
                        + item.path("alias").asText() + item.path("version").asText())
                .sorted()
                .toList()
                .toString();
    }

    /** All logged models by id. */
    Map<String, JsonNode> loggedModels() throws IOException {
        Map<String, JsonNode> models = new TreeMap<>();
        ObjectNode asked = Json.object().put("max_results", 50);
        experiments()
                .values()
                .forEach(one -> asked.withArray("experiment_ids")
                        .add(one.path("experiment_id").asText()));
        for (JsonNode model : post("logged-models/search", asked).path("models")) {
            JsonNode info = model.path("info");
            models.put(
                    info.path("model_id").asText(),
                    picked(
                                    info,
                                    "name",
                                    "model_type",
                                    "source_run_id",
                                    "status",
                                    "creation_timestamp_ms",
                                    "last_updated_timestamp_ms")
                            .put("tags", sorted(info.path("tags")))
                            .put("params", sorted(model.at("/data/params")))
                            .put("metrics", sorted(model.at("/data/metrics"))));
        }
        return models;
    }

    /** All registered models and prompts by name. */
    Map<String, JsonNode> registeredModels() throws IOException {
        Map<String, JsonNode> models = new TreeMap<>();
        for (String filter : List.of("", PROMPTS)) {
            get("registered-models/search?max_results=1000&filter=" + encoded(filter))
                    .path("registered_models")
                    .forEach(model -> models.put(
                            model.path("name").asText(),
                            picked(model, "description", "creation_timestamp", "last_updated_timestamp")
                                    .put("tags", sorted(model.path("tags")))
                                    .put("aliases", sorted(model.path("aliases")))));
        }
        return models;
    }

    /** All versions of models and prompts, by name and number; MLflow's search leaves their aliases to the models. */
    Map<String, JsonNode> versions() throws IOException {
        Map<String, JsonNode> versions = new TreeMap<>();
        for (String filter : List.of("", PROMPTS)) {
            for (JsonNode version : get("model-versions/search?max_results=1000&filter=" + encoded(filter))
                    .path("model_versions")) {
                String name = version.path("name").asText();
                String number = version.path("version").asText();
                versions.put(name + "/" + number, version(version, name, number));
            }
        }
        return versions;
    }

    private ObjectNode version(JsonNode version, String name, String number) throws IOException {
        return picked(
                        version,
                        "source",
                        "run_id",
                        "run_link",
                        "description",
                        "current_stage",
                        "status",
                        "creation_timestamp",
                        "last_updated_timestamp")
                .put("tags", sorted(version.path("tags")))
                .put(
                        "files",
                        get("model-versions/get-download-uri?name=" + encoded(name) + "&version=" + number)
                                .path("artifact_uri")
                                .asText());
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
