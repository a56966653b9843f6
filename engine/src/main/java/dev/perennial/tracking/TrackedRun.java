package dev.perennial.tracking;

import java.util.List;

/** A run with everything it logged; of each metric the latest value. */
public record TrackedRun(
        RunInfo info, List<Metric> metrics, List<KeyValue> params, List<KeyValue> tags, List<DatasetInput> inputs) {
    public TrackedRun {
        metrics = List.copyOf(metrics);
        params = List.copyOf(params);
        tags = List.copyOf(tags);
        inputs = List.copyOf(inputs);
    }
}
