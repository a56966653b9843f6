package dev.perennial.tracking;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A run as another server has it, without its metrics.
 *
 * @param artifactUri where its artifacts are for clients that reach that place themselves; null when they are brought here
 * @param info its address of artifacts is not used
 */
public record ImportedRun(
        RunInfo info,
        @Nullable String artifactUri,
        List<KeyValue> params,
        List<KeyValue> tags,
        List<DatasetInput> inputs,
        List<String> modelInputs,
        List<ModelOutput> outputs) {
    public ImportedRun {
        params = List.copyOf(params);
        tags = List.copyOf(tags);
        inputs = List.copyOf(inputs);
        modelInputs = List.copyOf(modelInputs);
        outputs = List.copyOf(outputs);
    }

    /** How much of a run there is, to compare two sides. */
    public record Counts(long metrics, long params, long tags, long inputs) {
        @Override
        public String toString() {
            return metrics + " metric values, " + params + " params, " + tags + " tags, " + inputs + " inputs";
        }
    }
}
