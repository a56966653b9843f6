package dev.perennial.server.mlflow;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.kernel.Json;
import dev.perennial.tracking.models.MlModelFile;
import dev.perennial.tracking.models.ModelDescription;
import java.util.List;
import java.util.TreeMap;

/** What a model says of itself, for screens of ours; absent parts are left out. */
final class DescriptionWire {
    private DescriptionWire() {}

    static ObjectNode of(ModelDescription description) {
        MlModelFile file = description.file();
        ObjectNode node = Json.object();
        file.runId().ifPresent(run -> node.put("run_id", run));
        file.created().ifPresent(created -> node.put("utc_time_created", created));
        file.mlflowVersion().ifPresent(version -> node.put("mlflow_version", version));
        file.example().ifPresent(path -> node.put("input_example", path));
        file.sizeBytes().ifPresent(size -> node.put("model_size_bytes", size));
        ObjectNode flavors = node.putObject("flavors");
        new TreeMap<>(file.flavors()).forEach((name, settings) -> {
            ObjectNode flavor = flavors.putObject(name);
            new TreeMap<>(settings).forEach(flavor::put);
        });
        fields(node, "inputs", file.inputs());
        fields(node, "outputs", file.outputs());
        ArrayNode requirements = node.putArray("requirements");
        description.requirements().forEach(requirements::add);
        return node;
    }

    private static void fields(ObjectNode node, String name, List<MlModelFile.Field> fields) {
        Wire.putList(node, name, fields, field -> {
            ObjectNode wire = Json.object();
            if (field.name() != null) {
                wire.put("name", field.name());
            }
            return wire.put("type", field.type()).put("required", field.required());
        });
    }
}
