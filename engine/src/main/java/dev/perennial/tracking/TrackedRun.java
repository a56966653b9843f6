package dev.perennial.tracking;

import java.util.List;

/**
 * A run with everything it logged; of each metric the latest value.
 *
 * @param modelInputs ids of the logged models that it read
 */
public record TrackedRun(
        RunInfo info,
        List<Metric> metrics,
        List<KeyValue> params,
        List<KeyValue> tags,
        List<DatasetInput> inputs,
        List<String> modelInputs,
        List<ModelOutput> outputs) {
    public TrackedRun {
        metrics = List.copyOf(metrics);
        params = List.copyOf(params);
        tags = List.copyOf(tags);
        inputs = List.copyOf(inputs);
        modelInputs = List.copyOf(modelInputs);
        outputs = List.copyOf(outputs);
    }
}
