package dev.perennial.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.Set;

/** Runs and models as MLflow tells them and as our server takes them in. */
final class ImportedMessages {
    /** Places that clients reach by themselves; their addresses are kept. */
    private static final Set<String> ELSEWHERE =
            Set.of("s3", "gs", "wasbs", "abfss", "abfs", "adl", "hdfs", "viewfs", "oss", "r2", "b2", "dbfs");

    private static final String PROXIED = "mlflow-artifacts:";

    private ImportedMessages() {}

    /** Without the latest metrics, which come with the histories. */
    static ObjectNode run(JsonNode run) {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode taken = mapper.createObjectNode();
        ObjectNode data = mapper.createObjectNode();
        data.set("params", list(run, "params"));
        data.set("tags", list(run, "tags"));
        taken.set("info", run.path("info"));
        taken.set("data", data);
        taken.set("inputs", object(run.path("inputs")));
        taken.set("outputs", object(run.path("outputs")));
        return addressed(taken, run);
    }

    private static ObjectNode addressed(ObjectNode taken, JsonNode message) {
        String address = message.path("info").path("artifact_uri").asText();
        if (elsewhere(address)) {
            taken.put("artifact_uri", address);
        }
        return taken;
    }

    /** Whether an address is of a place that clients reach by themselves. */
    static boolean elsewhere(String address) {
        int colon = address.indexOf(':');
        return colon > 0 && ELSEWHERE.contains(address.substring(0, colon));
    }

    /** A logged model without its values, which come by themselves. */
    static ObjectNode model(JsonNode model) {
        ObjectNode taken = new ObjectMapper().createObjectNode();
        ObjectNode info = plain(model.path("info"));
        info.remove("registrations");
        taken.set("info", info);
        taken.putObject("data").set("params", list(model, "params"));
        return addressed(taken, model);
    }

    /** A copy to which fields can be added. */
    static ObjectNode plain(JsonNode message) {
        return message.isObject() ? message.deepCopy() : new ObjectMapper().createObjectNode();
    }

    private static JsonNode list(JsonNode message, String name) {
        JsonNode list = message.path("data").path(name);
        return list.isArray() ? list : new ObjectMapper().createArrayNode();
    }

    private static JsonNode object(JsonNode node) {
        return node.isObject() ? node : new ObjectMapper().createObjectNode();
    }

    /** The folder in the proxied artifact store that an address means; empty when it means another place. */
    static Optional<String> folder(String artifactUri) {
        if (!artifactUri.startsWith(PROXIED)) {
            return Optional.empty();
        }
        String path = artifactUri.substring(PROXIED.length());
        if (path.startsWith("//")) {
            int end = path.indexOf('/', 2);
            path = end < 0 ? "/" : path.substring(end);
        }
        return Optional.of(path.startsWith("/") ? path.substring(1) : path);
    }

    /** The address of a folder of our own artifact store. */
    static String address(String folder) {
        return PROXIED + "/" + folder;
    }
}
