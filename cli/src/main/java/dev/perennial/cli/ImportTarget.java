package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.client.ClientException;
import dev.perennial.client.PerennialClient;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Our side of an import: the calls that take what comes from one source into one project. Used by one thread. */
final class ImportTarget {
    /** Where everything goes when no project is named. */
    static final String DEFAULT_PROJECT = "default";

    private static final String CALLS = "/api/2.0/mlflow/import/";

    private final PerennialClient client;
    private final String source;
    private final String project;
    /** Ids of experiments there that have other ids here. */
    private final Map<String, String> moved = new HashMap<>();

    ImportTarget(PerennialClient client, String source, String project) {
        this.client = client;
        this.source = source;
        this.project = project;
    }

    PerennialClient client() {
        return client;
    }

    boolean intoDefault() {
        return project.equals(DEFAULT_PROJECT);
    }

    /** A message that names source and project. */
    ObjectNode asked() {
        return client.object().put("source", source).put("project", project);
    }

    /** A message with a list. */
    ObjectNode asked(String list, Iterable<? extends JsonNode> items) {
        ObjectNode body = asked();
        items.forEach(body.putArray(list)::add);
        return body;
    }

    JsonNode post(String call, ObjectNode body) {
        return client.postRepeatable(CALLS + call, body);
    }

    /** Posts what may be refused because it is stored otherwise than it was received; false, and told, when it was. */
    boolean accepted(String call, ObjectNode body, ImportReport report) {
        return accepted(call, body, report, answer -> {});
    }

    /** As {@link #accepted(String, ObjectNode, ImportReport)}, with a reader of a good answer. */
    boolean accepted(String call, ObjectNode body, ImportReport report, Consumer<JsonNode> reader) {
        try {
            reader.accept(post(call, body));
            return true;
        } catch (ClientException e) {
            if (e.status() == 0) {
                throw e;
            }
            report.differs(String.valueOf(e.getMessage()));
            return false;
        }
    }

    /** Asks whether something is in the way; sentences. */
    void check(ObjectNode body, List<String> collisions) {
        post("check", body).path("collisions").forEach(collision -> collisions.add(collision.asText()));
    }

    /** Remembers under which ids experiments came. */
    void settled(JsonNode experiments) {
        for (JsonNode experiment : experiments) {
            moved.put(
                    experiment.path("there").asText(),
                    experiment.path("experiment_id").asText());
        }
    }

    /** The id here of an experiment there. */
    String experiment(String there) {
        return moved.getOrDefault(there, there);
    }

    /** Gives a message the id that its experiment has here. */
    void settle(JsonNode info) {
        if (info instanceof ObjectNode object) {
            object.put("experiment_id", experiment(object.path("experiment_id").asText()));
        }
    }
}
