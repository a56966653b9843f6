package dev.perennial.server.mlflow;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.registry.ModelAlias;
import dev.perennial.registry.RegisteredModel;
import dev.perennial.registry.RegisteredVersion;
import dev.perennial.tracking.Metric;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Records of the registry as MLflow's messages. The number of a version goes as text. */
final class RegistryWire {
    private RegistryWire() {}

    static ObjectNode model(RegisteredModel model) {
        ObjectNode node = Json.object()
                .put("name", model.name().text())
                .put("creation_timestamp", model.createdAt())
                .put("last_updated_timestamp", model.updatedAt())
                .put("workspace", model.name().project());
        putFilled(node, "user_id", model.user());
        putText(node, "description", model.description());
        Wire.putList(node, "latest_versions", model.latest(), RegistryWire::version);
        Wire.putList(node, "tags", model.tags(), Wire::pair);
        Wire.putList(node, "aliases", model.aliases(), RegistryWire::alias);
        return node;
    }

    private static ObjectNode alias(ModelAlias alias) {
        return Json.object().put("alias", alias.alias()).put("version", String.valueOf(alias.number()));
    }

    static ObjectNode wrapped(RegisteredVersion version) {
        ObjectNode node = Json.object();
        node.set("model_version", version(version));
        return node;
    }

    static ObjectNode version(RegisteredVersion version) {
        ObjectNode node = Json.object()
                .put("name", version.model().text())
                .put("version", String.valueOf(version.number()))
                .put("creation_timestamp", version.times().createdAt())
                .put("last_updated_timestamp", version.times().updatedAt())
                .put("current_stage", version.stage().text())
                .put("source", version.origin().source())
                .put("status", version.standing().status().name())
                .put("workspace", version.model().project());
        putText(node, "description", version.description());
        putFilled(node, "user_id", version.user());
        putText(node, "run_id", version.origin().run());
        putText(node, "run_link", version.origin().runLink());
        putText(node, "model_id", version.origin().loggedModel());
        putText(node, "status_message", version.standing().message());
        Wire.putList(node, "tags", version.tags(), Wire::pair);
        if (!version.aliases().isEmpty()) {
            ArrayNode aliases = node.putArray("aliases");
            version.aliases().forEach(aliases::add);
        }
        if (!version.params().isEmpty()) {
            ArrayNode params = node.putArray("model_params");
            version.params()
                    .forEach(
                            param -> params.addObject().put("name", param.key()).put("value", param.value()));
        }
        putFigures(node, version);
        return node;
    }

    private static void putFigures(ObjectNode node, RegisteredVersion version) {
        Map<String, Double> figures = new TreeMap<>(version.figures());
        if (!figures.isEmpty()) {
            ArrayNode metrics = node.putArray("model_metrics");
            figures.forEach((key, value) -> metrics.add(
                    Wire.metric(new Metric(key, value, version.times().createdAt(), 0))));
        }
    }

    private static void putText(ObjectNode node, String name, @Nullable String text) {
        if (text != null) {
            node.put(name, text);
        }
    }

    private static void putFilled(ObjectNode node, String name, String text) {
        if (!text.isEmpty()) {
            node.put(name, text);
        }
    }
}
