package dev.perennial.tracking.models;

import dev.perennial.tracking.KeyValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks for a logged model. Without a name it gets one.
 *
 * @param type what the client calls its kind
 * @param sourceRun the run that makes it
 */
public record NewLoggedModel(
        long experiment,
        @Nullable String name,
        @Nullable String type,
        @Nullable String sourceRun,
        List<KeyValue> params,
        List<KeyValue> tags) {
    public NewLoggedModel {
        params = List.copyOf(params);
        tags = List.copyOf(tags);
    }
}
