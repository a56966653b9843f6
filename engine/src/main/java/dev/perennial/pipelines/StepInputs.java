package dev.perennial.pipelines;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Digest;
import dev.perennial.kernel.Json;
import dev.perennial.pipelines.AttemptRows.Outputs;
import dev.perennial.pipelines.RunRows.RunRow;
import dev.perennial.store.Database;
import java.util.Map;

/** What a step is given: its templates filled from the run's parameters and the outputs of other steps. */
record StepInputs(JsonNode parameters, Map<String, Digest> files) {
    static StepInputs resolve(Database database, Specs specs, RunRow run, String path) {
        return database.read(sql -> {
            StepSpec step = specs.of(sql, run).step(path);
            Map<String, Outputs> outputs = AttemptRows.outputs(sql, run.id());
            Outputs none = new Outputs(Map.of(), Map.of());
            Template template = new Template(Json.parse(run.parameters()), new Template.Outputs() {
                @Override
                public Map<String, JsonNode> values(String of) {
                    return outputs.getOrDefault(of, none).values();
                }

                @Override
                public Map<String, Digest> files(String of) {
                    return outputs.getOrDefault(of, none).files();
                }
            });
            return new StepInputs(template.fill(step.parameters()), template.inputs(step.inputs()));
        });
    }
}
