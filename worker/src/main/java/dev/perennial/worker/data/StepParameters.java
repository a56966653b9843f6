package dev.perennial.worker.data;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.kernel.Json;
import dev.perennial.kernel.PerennialException;
import dev.perennial.lifecycle.file.LifecycleFile;
import dev.perennial.worker.StepFailure;
import dev.perennial.worker.StepFailure.Kind;

/** Reads the parameters that data steps share. */
final class StepParameters {
    private StepParameters() {}

    static LifecycleFile lifecycle(JsonNode parameters) {
        JsonNode node = parameters.path("lifecycle");
        if (!node.isObject()) {
            throw new StepFailure(Kind.CONFIG, "parameter 'lifecycle' is missing; expected a lifecycle file as JSON");
        }
        try {
            return Json.convert(node, LifecycleFile.class);
        } catch (PerennialException e) {
            throw new StepFailure(Kind.CONFIG, "parameter 'lifecycle' is not a lifecycle file: " + e.getMessage());
        }
    }

    static long time(JsonNode parameters, String name) {
        JsonNode node = parameters.path(name);
        if (!node.isIntegralNumber()) {
            throw new StepFailure(Kind.CONFIG, "parameter '" + name + "' is " + node + "; expected epoch milliseconds");
        }
        return node.asLong();
    }

    static long time(JsonNode parameters, String name, long otherwise) {
        return parameters.hasNonNull(name) ? time(parameters, name) : otherwise;
    }
}
