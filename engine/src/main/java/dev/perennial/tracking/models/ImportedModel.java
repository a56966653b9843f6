package dev.perennial.tracking.models;

import dev.perennial.tracking.KeyValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A logged model as another server has it, without its metrics.
 *
 * @param info its address of artifacts is not used
 * @param artifactUri where its files are for clients that reach that place themselves; null when they are brought here
 */
public record ImportedModel(ModelInfo info, @Nullable String artifactUri, List<KeyValue> params, List<KeyValue> tags) {
    public ImportedModel {
        params = List.copyOf(params);
        tags = List.copyOf(tags);
    }

    /** How much of a model there is, to compare two sides. */
    public record Counts(long metrics, long params, long tags) {
        @Override
        public String toString() {
            return metrics + " metric values, " + params + " params, " + tags + " tags";
        }
    }
}
